// Somebody who only watches, and somebody who types only while another watches.
import { playStage } from '../../harness/attack.ts';
import { stages } from './stages.ts';

await playStage(stages.viewer);
