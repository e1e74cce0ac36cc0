import { TrineError } from '@trine/protocol';

/** A message that its mapping cannot read, and why. */
export class MappingError extends TrineError {
  override readonly name = 'MappingError';
  constructor(message: string, code: 'malformed' | 'overloaded' = 'malformed') {
    super(code, message);
  }
}
