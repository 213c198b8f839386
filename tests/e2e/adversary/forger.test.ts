// Somebody who forges proof: tokens, reviews, identities.
import { playStage } from '../../harness/attack.ts';
import { stages } from './stages.ts';

await playStage(stages.forger);
