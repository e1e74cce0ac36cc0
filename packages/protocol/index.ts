// What users of the formats import: the public surface, pinned by index.snapshot.json.
export { type AssuranceClass, assuranceClasses, type ClockQuality, clockQualities, lowestClass } from './assurance.ts';
export {
  authorize,
  authorizeStatement,
  enrolledKey,
  type KeyState,
  memberKey,
  type SpokenOf,
} from './authorize.ts';
export { compareBytes, concatBytes, equalBytes, fromHex, fromUtf8, toHex, toUtf8 } from './bytes.ts';
export { decodeCbor, encodeCbor } from './cbor/cbor.ts';
export { CborReader } from './cbor/reader.ts';
export * as schema from './cbor/schema.ts';
export { type CborWriter, writeCbor } from './cbor/writer.ts';
export { isLowS, sha256 } from './crypto.ts';
export { csvCell } from './csv.ts';
export { currencyDigits, fromDecimals, inDecimals } from './currency.ts';
export {
  type ErrorCode,
  type ErrorFacts,
  errorCodes,
  FormatError,
  isErrorCode,
  type Refusal,
  type Retry,
  refusals,
  TrineError,
} from './errors.ts';
export { formatAmount } from './evidence/amount.ts';
export { Contents, isBelow, type LoggedStatement } from './evidence/contents.ts';
export {
  decodeEvidence,
  type Evidence,
  type EvidenceLog,
  encodeEvidence,
  type InputStatement,
} from './evidence/format.ts';
export { readingsCsv } from './evidence/readings.ts';
export type { Replay, ReplayInput, ReplayState } from './evidence/replay.ts';
export {
  NotChecked,
  type Report,
  type ReportedReading,
  type ReportedSource,
  type Step,
  StepError,
  type Verdict,
  verdicts,
} from './evidence/report.ts';
export {
  accountNamed,
  type BatchPart,
  batchRows,
  commonMovements,
  type Movement,
  movementsOf,
  netsOf,
  partId,
} from './evidence/steps/batch.ts';
export type { OrderingDecision, PayingDecision, VerifiedDecision } from './evidence/steps/decision.ts';
export { type Principal, Principals } from './evidence/steps/identity.ts';
export {
  checkIntent,
  type IntentBatch,
  intentEntries,
  NO_BATCH,
  orderedTogether,
  secondsOf,
} from './evidence/steps/intent.ts';
export { type LoggedApproval, refusedModel } from './evidence/steps/model.ts';
export type { MapAgain } from './evidence/steps/origins.ts';
export { formatTime } from './evidence/time.ts';
export { verifyEvidence } from './evidence/verify.ts';
export {
  type Act,
  type Authorization,
  actDigest,
  addressGiven,
  type BatchAct,
  type Claim,
  type Contest,
  type ContestRuling,
  type Permit,
  permitDigest,
  type Revocation,
  RULINGS,
  type Ruling,
} from './evm/acts.ts';
export { agreementId, chainTerms, listedAccounts, type OnChainTerms, termsDigest } from './evm/agreement.ts';
export { anchorDigest, originHash } from './evm/anchor.ts';
export { type DeciderRequest, deciderRequestDigest } from './evm/decider-request.ts';
export type { TypedDataDomain } from './evm/eip712.ts';
export { ANCHORED_TOPIC, ANNOUNCED_TOPIC, decodeAnchored, decodeSettled, SETTLED_TOPIC } from './evm/events.ts';
export {
  decodeIntent,
  ESCROW,
  encodeIntent,
  type Intent,
  type IntentEntry,
  intentDigest,
  intentLeaf,
  ZERO_HASH,
} from './evm/intent.ts';
export {
  EMPTY_POSITIONS,
  type PositionProof,
  Positions,
  verifyPosition,
} from './evm/positions.ts';
export { type EvmLog, type ReceiptProof, type VerifiedReceipt, verifyReceipt } from './evm/receipt-proof.ts';
export { decodeRlp, encodeRlp, type RlpItem, rlpInteger } from './evm/rlp.ts';
export {
  type BatchRow,
  chunkHash,
  commitRows,
  type RowsCommitment,
  readChunk,
  readRows,
  rowsHash,
  splitRows,
} from './evm/rows.ts';
export { addressOfPrivateKey, recoverAddress, signDigest } from './evm/secp256k1.ts';
export { type Hex, hexOf } from './evm/words.ts';
export {
  AgreementId,
  type Branded,
  DecisionId,
  EpochMs,
  type IdConstructor,
  LeafIndex,
  MinorUnits,
  ModelHash,
  ObligationId,
  PolicyHash,
  Ppm,
  SequenceEpoch,
  StatementId,
} from './ids.ts';
export { canonicalJson } from './jcs.ts';
export { algorithms, didKey, keyId, keyThumbprint, type PublicKey, parseDidKey, verifySignature } from './keys.ts';
export {
  contentTypeOf,
  type Kind,
  type KindIssuer,
  kindNames,
  kindOfCode,
  kinds,
  type PayloadHeader,
  type StatementKind,
  statementKinds,
} from './kinds.ts';
export { limits } from './limits.ts';
export { commitMap, type MapCommitment, type MapProof, proveMap, readMapProof } from './merkle-map.ts';
export {
  accountPayload,
  firstAccounts,
  type Joined,
  type LineAccount,
  lineAccountDigest,
  lineAccountRefusal,
} from './payloads/account.ts';
export { type AlertStatus, alertStatusPayload } from './payloads/alert.ts';
export {
  isLineOrdered,
  type LineByHand,
  type LineDecided,
  linesByHand,
  lineWordRefusal,
} from './payloads/by-hand.ts';
export { checkBody, checkPayload } from './payloads/check.ts';
export { type Consent, consentPayload, consentRefusal } from './payloads/consent.ts';
export {
  type Alert,
  amountOf,
  type Decision,
  decisionId,
  decisionPayload,
  type Effect,
  type Entry,
  entriesOf,
  type Facts,
  formatReason,
  type GateResult,
  type InputRange,
  inputRange,
  isAlert,
  isEntry,
  type Obligation,
  obligationId,
  type Reason,
  type Row,
  rowPayload,
  type UnknownEffect,
} from './payloads/decision.ts';
export { coversSubject, type Enrolment, enrolmentPayload, keyStatusPayload } from './payloads/enrolment.ts';
export { type Erasure, erasurePayload } from './payloads/erasure.ts';
export { linkPayload } from './payloads/link.ts';
export {
  type Approval,
  agreesWith,
  approvalDigest,
  approvalPayload,
  type Label,
  labelPayload,
  type ModelCard,
  type ModelChange,
  modelChangePayload,
  modelHash,
  modelPayload,
  type Parameters,
  type RegisteredModel,
  readParameters,
  sameModel,
  withParameters,
  writeParameters,
} from './payloads/model.ts';
export {
  decodeNetwork,
  encodeNetwork,
  type NetworkDocument,
  networkId,
  networkIdOnChain,
  parseNetwork,
} from './payloads/network.ts';
export { type PermissionContext, permissionRefusal } from './payloads/permission.ts';
export {
  type Agreement,
  agreementPayload,
  concernedThings,
  currencyOf,
  isDecider,
  type ModelChangeRule,
  type ModelIdentity,
  type Monitor,
  monitorPayload,
  movesMoney,
  type Party,
  type Plausibility,
  type Policy,
  partyOf,
  policyHash,
} from './payloads/policy.ts';
export { type PolicyEnd, policyEndDigest, policyEndPayload, policyEndRefusal } from './payloads/policy-end.ts';
export { FORK_HEADS_MAX, type Recovery, recoveryPayload } from './payloads/recovery.ts';
export {
  type Release,
  releaseDigest,
  released,
  releasedBy,
  releasePayload,
  releaseRefusal,
} from './payloads/release.ts';
export { settlementPayload } from './payloads/settlement.ts';
export { type ModelState, statePayload } from './payloads/state.ts';
export {
  earlierPlace,
  forkSides,
  type LoggedRecovery,
  recoveryOf,
  type StandingFork,
  sortedHeads,
} from './recovery.ts';
export { formatRuntime, type Runtime, runtimeHash, runtimeOf, runtimes } from './runtimes.ts';
export { type PackOrigin, readOrigin } from './senml/origin.ts';
export { checkReading, isQuantity, type Reading } from './senml/reading.ts';
export { contentTypes, decodePack, encodePack, type ReadingSink, readPack } from './senml/senml.ts';
export { isUnit } from './senml/units.ts';
export {
  commitHeads,
  compareHeads,
  proveHeads,
  readHeads,
  type SequenceHead,
  type ShownHeads,
} from './sequence-heads.ts';
export {
  type Answer,
  answersPayload,
  encodeAcknowledgement,
  verifyAcknowledgement,
} from './statement/acknowledgement.ts';
export { detachBody, openBody, openDisclosure, saltOf } from './statement/body.ts';
export { encodeDeliveries, encodeDelivery, splitDeliveries } from './statement/delivery.ts';
export { decodeLeaf, encodeIntentLeaf, encodeStatementLeaf } from './statement/leaf.ts';
export {
  isSubject,
  parseStatement,
  type Signer,
  type Statement,
  type StatementContent,
  type StatementHeader,
  signStatement,
  verifyStatement,
} from './statement/statement.ts';
export { type SignedCheckpoint, signCheckpoint, verifyCheckpoint } from './tlog/checkpoint.ts';
export { cosign } from './tlog/cosignature.ts';
export { TlogError } from './tlog/errors.ts';
export {
  consistencyProof,
  emptyRoot,
  HASH_SIZE,
  inclusionProof,
  leafHash,
  memoryTree,
  nodeHash,
  treeRoot,
} from './tlog/merkle.ts';
export { proofRanges } from './tlog/multiproof.ts';
export { addSignature, type Sign as NoteSign } from './tlog/note.ts';
export { formatProof, verifyProof } from './tlog/proof.ts';
export {
  decodeBundle,
  ENTRY_LENGTH_MAX,
  encodeBundle,
  fullTiles,
  parseTilePath,
  partialWidth,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileId,
  tilePath,
} from './tlog/tile.ts';
export {
  formatVerifierKey,
  parseVerifierKey,
  SIGNATURE_COSIGNATURE_V1,
  type VerifierKey,
  verifierKey,
} from './tlog/verifier-key.ts';
export { verifyConsistency, verifyInclusion } from './tlog/verify.ts';
export {
  ACKNOWLEDGEMENTS,
  acknowledgementTopic,
  coversFilter,
  isTopicFilter,
  matchTopic,
  STATEMENTS,
} from './topics.ts';
export { countOf, plural } from './words.ts';
