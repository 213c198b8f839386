// A colleague in the same shared session, against the other person.
import { playStage } from '../../harness/attack.ts';
import { stages } from './stages.ts';

await playStage(stages.colleague);
