// What ends a setup command: a fault with its code, sentence, hint and exit code (core/messages/setup-faults.ts).
import type { Fault } from '../core/messages/setup-faults.ts';

/** Thrown wherever a setup command must end; caught in one place, which tells root. */
export class SetupFault extends Error {
  override readonly name = 'SetupFault';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.code);
    this.fault = fault;
  }
}
