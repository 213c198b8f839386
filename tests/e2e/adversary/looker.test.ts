// Somebody who only looks on, and somebody who types only while another looks on.
import { playStage } from '../../harness/attack.ts';
import { stages } from './stages.ts';

await playStage(stages.looker);
