// Somebody with write access to Redis.
import { playStage } from '../../harness/attack.ts';
import { stages } from './stages.ts';

await playStage(stages.store);
