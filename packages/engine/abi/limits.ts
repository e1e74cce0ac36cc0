// The limits that what decides rests on, in place of the protocol's: another limit of a format changes no bundle.
import type { limits as all } from '@trine/protocol';

export const limits: Pick<typeof all, 'nestingMax'> = { nestingMax: 8 };
