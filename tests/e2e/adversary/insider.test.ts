// An engineer inside a session, against its end, its guards and its host.
import { playStage } from '../../harness/attack.ts';
import { stages } from './stages.ts';

await playStage(stages.insider);
