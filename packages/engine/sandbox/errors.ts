// What a sandbox says when it has no answer.
import { TrineError } from '@trine/protocol';

/** A stranger's bundle did not keep within what it is given, or made no sense: nothing is found out by it. */
export class SandboxError extends TrineError {
  override readonly name = 'SandboxError';
  constructor(message: string) {
    super('unsupported', message);
  }
}
