/**
 * Tables of the store. All of it is a projection: `trine rebuild` makes it again from the log and the bodies. Times are
 * milliseconds since 1970, money is minor units, leaves are positions in the log.
 */
/** Another version of the tables: a store of an older one is deleted and read anew from the log. */
export const schemaVersion = 8;

export const schema: string = `
CREATE TABLE IF NOT EXISTS version (version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS position (leaf BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS snapshots (leaf BIGINT NOT NULL, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS unreadable (leaf BIGINT NOT NULL, subject VARCHAR, reason VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS sequences (sequence INTEGER NOT NULL, key_owner VARCHAR NOT NULL, subject VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS streams (stream INTEGER NOT NULL, subject VARCHAR NOT NULL, quantity VARCHAR NOT NULL, unit VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS statements (
  leaf BIGINT NOT NULL, id BLOB NOT NULL, kind UTINYINT NOT NULL, sequence INTEGER NOT NULL, epoch BIGINT NOT NULL,
  seq BIGINT NOT NULL, arrival_ms BIGINT NOT NULL, class UTINYINT NOT NULL, flag UTINYINT NOT NULL,
  readings INTEGER NOT NULL, first_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS readings (stream INTEGER NOT NULL, event_ms BIGINT NOT NULL, leaf BIGINT NOT NULL, value DOUBLE);
CREATE TABLE IF NOT EXISTS texts (stream INTEGER NOT NULL, event_ms BIGINT NOT NULL, leaf BIGINT NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS keys (leaf BIGINT NOT NULL, key VARCHAR NOT NULL, key_owner VARCHAR NOT NULL, status VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS policies (leaf BIGINT NOT NULL, policy BLOB NOT NULL, domain VARCHAR NOT NULL, subject VARCHAR NOT NULL, title VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (
  leaf BIGINT NOT NULL, statement BLOB NOT NULL, decision BLOB NOT NULL, issuer VARCHAR NOT NULL, agreement BLOB, policy BLOB NOT NULL,
  domain VARCHAR NOT NULL, subject VARCHAR NOT NULL, obligation BLOB NOT NULL, base BLOB, trigger_name VARCHAR NOT NULL,
  from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, cut BIGINT NOT NULL, verdict VARCHAR NOT NULL, outcome VARCHAR NOT NULL,
  amount BIGINT NOT NULL, currency VARCHAR, score_ppm INTEGER, threshold_ppm INTEGER, reason VARCHAR NOT NULL, gate VARCHAR NOT NULL,
  facts VARCHAR NOT NULL, entries VARCHAR NOT NULL, row_count INTEGER, arrival_ms BIGINT NOT NULL, model BLOB NOT NULL,
  states_before BLOB NOT NULL, states_after BLOB NOT NULL, supersedes BLOB);
CREATE TABLE IF NOT EXISTS rows (
  leaf BIGINT NOT NULL, statement BLOB NOT NULL, commitment BLOB NOT NULL, policy BLOB NOT NULL, obligation BLOB NOT NULL, base BLOB,
  key VARCHAR NOT NULL, from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, verdict VARCHAR NOT NULL, outcome VARCHAR NOT NULL,
  amount BIGINT NOT NULL, reason VARCHAR NOT NULL, gate VARCHAR NOT NULL, facts VARCHAR NOT NULL, entries VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS states (leaf BIGINT NOT NULL, policy BLOB NOT NULL, key VARCHAR NOT NULL, until_ms BIGINT NOT NULL, commitment BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS replacements (leaf BIGINT NOT NULL, target BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS links (leaf BIGINT NOT NULL, pseudonym VARCHAR NOT NULL, person VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS trust (leaf BIGINT NOT NULL, subject VARCHAR NOT NULL, to_ms BIGINT NOT NULL, ppm INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS alerts (
  leaf BIGINT NOT NULL, decision BLOB NOT NULL, policy BLOB NOT NULL, domain VARCHAR NOT NULL, code VARCHAR NOT NULL, severity VARCHAR NOT NULL,
  subject VARCHAR NOT NULL, at_ms BIGINT NOT NULL, reason VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS alert_status (
  leaf BIGINT NOT NULL, decision BLOB NOT NULL, code VARCHAR NOT NULL, status VARCHAR NOT NULL, said_by VARCHAR NOT NULL,
  note VARCHAR NOT NULL, arrival_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS labels (
  leaf BIGINT NOT NULL, id BLOB NOT NULL, decision BLOB NOT NULL, row_key VARCHAR, assessment VARCHAR NOT NULL, verdict VARCHAR,
  said_by VARCHAR NOT NULL, note VARCHAR NOT NULL, arrival_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS intents (
  leaf BIGINT NOT NULL, digest BLOB NOT NULL, agreement BLOB NOT NULL, decision BLOB NOT NULL, obligation BLOB NOT NULL,
  is_batch BOOLEAN NOT NULL, recipient VARCHAR NOT NULL, amount BIGINT NOT NULL, valid_after_s BIGINT NOT NULL, deadline_s BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS settlements (
  leaf BIGINT NOT NULL, intent BLOB NOT NULL, tx BLOB NOT NULL, block BIGINT NOT NULL, block_hash BLOB NOT NULL,
  block_time_s BIGINT NOT NULL, arrival_ms BIGINT NOT NULL);
`;
