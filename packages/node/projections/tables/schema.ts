/**
 * Tables of the store. All of it is a view: `trine rebuild` makes it again from the log and the bodies. Times are
 * milliseconds since 1970, money is minor units, leaves are positions in the log.
 */
/** Another version of the tables: a store of an older one is deleted and read anew from the log. */
export const schemaVersion = 3;

export const schema: string = `
CREATE TABLE IF NOT EXISTS version (version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS position (leaf BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS sequences (sequence INTEGER NOT NULL, key_owner VARCHAR NOT NULL, subject VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS streams (stream INTEGER NOT NULL, subject VARCHAR NOT NULL, quantity VARCHAR NOT NULL, unit VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS statements (
  leaf BIGINT NOT NULL, id BLOB NOT NULL, kind UTINYINT NOT NULL, sequence INTEGER NOT NULL, epoch BIGINT NOT NULL,
  seq BIGINT NOT NULL, arrival_ms BIGINT NOT NULL, class UTINYINT NOT NULL, flag UTINYINT NOT NULL,
  readings INTEGER NOT NULL, first_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS readings (stream INTEGER NOT NULL, event_ms BIGINT NOT NULL, leaf BIGINT NOT NULL, value DOUBLE);
CREATE TABLE IF NOT EXISTS texts (stream INTEGER NOT NULL, event_ms BIGINT NOT NULL, leaf BIGINT NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS decisions (
  leaf BIGINT NOT NULL, statement BLOB NOT NULL, decision BLOB NOT NULL, agreement BLOB, terms BLOB, subject VARCHAR NOT NULL,
  from_ms BIGINT NOT NULL, to_ms BIGINT NOT NULL, verdict VARCHAR NOT NULL, outcome VARCHAR NOT NULL,
  amount BIGINT NOT NULL, currency VARCHAR, score_ppm INTEGER NOT NULL, reason VARCHAR NOT NULL, gate VARCHAR NOT NULL,
  arrival_ms BIGINT NOT NULL, model BLOB NOT NULL, state_after BLOB NOT NULL, threshold_ppm INTEGER NOT NULL,
  facts VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS snapshots (
  leaf BIGINT NOT NULL, subject VARCHAR NOT NULL, model BLOB NOT NULL, until_ms BIGINT NOT NULL, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS trust (leaf BIGINT NOT NULL, subject VARCHAR NOT NULL, to_ms BIGINT NOT NULL, ppm INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS labels (
  leaf BIGINT NOT NULL, id BLOB NOT NULL, decision BLOB NOT NULL, stand VARCHAR NOT NULL, verdict VARCHAR,
  said_by VARCHAR NOT NULL, note VARCHAR NOT NULL, arrival_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS intents (
  leaf BIGINT NOT NULL, digest BLOB NOT NULL, agreement BLOB NOT NULL, decision BLOB NOT NULL, obligation BLOB NOT NULL,
  recipient VARCHAR NOT NULL, amount BIGINT NOT NULL, valid_after_s BIGINT NOT NULL, deadline_s BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS settlements (
  leaf BIGINT NOT NULL, intent BLOB NOT NULL, tx BLOB NOT NULL, block BIGINT NOT NULL, block_hash BLOB NOT NULL,
  block_time_s BIGINT NOT NULL, arrival_ms BIGINT NOT NULL);
`;
