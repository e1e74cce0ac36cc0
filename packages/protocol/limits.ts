/** Limits of every format, in one place. Units come last in the name. */
export const limits = {
  /** C2SP tlog-tiles stores an entry with a 16-bit length. */
  leafBytesMax: 65_535,
  /** A leaf is one tag byte, eight bytes of arrival time and the statement. */
  statementBytesMax: 65_535 - 9,
  protectedHeaderBytesMax: 1_024,
  /** A disclosed body lives outside the log, so it may be larger than a leaf. */
  bodyBytesMax: 262_144,
  readingsPerPackMax: 4_096,
  /** Of an event whose body is in the log itself. */
  eventInlineBytesMax: 1_024,
  /** One message on the wire: a CBOR sequence of deliveries. */
  messageBytesMax: 1_048_576,
  deliveriesPerMessageMax: 4_096,
  /** Epochs that one statement may pass over: else a copied key could leave no later one for a recovery. */
  epochStepMax: 65_536,
  subjectCharsMax: 128,
  quantityCharsMax: 96,
  textValueCharsMax: 1_024,
  saltBytes: 16,
  nestingMax: 8,
  /** Of canonical JSON: parameters of models may hold trees. */
  jsonNestingMax: 64,
  /** No policy begins or ends after the year 9999 (ISO 8601): no calendar shows it. */
  calendarMsMax: 253_402_300_799_999,
  /** No sensor reading is older than this (1990-01-01): an earlier time is a broken clock. */
  eventTimeMsMin: 631_152_000_000,
  /** A reading may be dated this far ahead of its arrival: clocks drift. */
  eventTimeAheadMsMax: 600_000,
  evidenceBytesMax: 33_554_432,
  /** Items of all its lists and maps. */
  evidenceItemsMax: 2_000_000,
  evidenceLeavesMax: 20_000,
  /** Statements that ranges count, in all parts together. */
  evidenceInputsMax: 100_000,
  /** Statements that replace others: chains of them are followed. */
  evidenceReplacementsMax: 2_000,
  evidenceRecoveriesMax: 64,
  evidenceApprovalsMax: 256,
  /** In all packs of an evidence file: whoever reads one holds them in memory. */
  evidenceReadingsMax: 250_000,
} as const;
