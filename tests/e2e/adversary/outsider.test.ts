// An engineer without a grant, at the door.
import { playStage } from '../../harness/attack.ts';
import { stages } from './stages.ts';

await playStage(stages.outsider);
