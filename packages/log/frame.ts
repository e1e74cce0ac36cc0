// Records of the write-ahead file. A segment starts with a header of 32 bytes; each group commit appends one frame:
// a header of 32 bytes and the leaves, each after its length in two bytes (as in an entry bundle). Big-endian.
import { crc32 } from 'node:zlib';

export const SEGMENT_HEADER_SIZE = 32;
export const FRAME_HEADER_SIZE = 32;

const SEGMENT_MAGIC = 'TRINEWAL';
const FRAME_MAGIC = 0x54574631; // "TWF1"
const VERSION = 1;

/**
 * A random number of each segment, mixed into its checksums: so leaves, whose bytes come from outside, cannot contain
 * what passes for a frame, and what is left of an older file is not read as part of this one.
 */
export type SegmentNonce = number;

export interface Frame {
  /** Index of its first leaf. */
  readonly first: number;
  readonly count: number;
  /** Bytes of payload after the header. */
  readonly length: number;
  /** CRC-32 of the payload, begun with the nonce. */
  readonly payloadCrc: number;
}

/** Header of a segment whose first leaf has the index `first`. */
export function encodeSegmentHeader(first: number, nonce: SegmentNonce): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_SIZE);
  header.write(SEGMENT_MAGIC, 0, 'latin1');
  header.writeUInt32BE(VERSION, 8);
  header.writeUInt32BE(nonce, 12);
  header.writeBigUInt64BE(BigInt(first), 16);
  header.writeUInt32BE(crc32(header.subarray(0, 28)), 28);
  return header;
}

/** Reads a segment header; undefined when it is not one. */
export function decodeSegmentHeader(bytes: Buffer): { first: number; nonce: SegmentNonce } | undefined {
  if (bytes.length < SEGMENT_HEADER_SIZE || bytes.toString('latin1', 0, 8) !== SEGMENT_MAGIC) return undefined;
  if (bytes.readUInt32BE(28) !== crc32(bytes.subarray(0, 28)) || bytes.readUInt32BE(8) !== VERSION) return undefined;
  return { first: Number(bytes.readBigUInt64BE(16)), nonce: bytes.readUInt32BE(12) };
}

/** Checksum of a payload given in parts. */
export const payloadCrc = (parts: readonly Uint8Array[], nonce: SegmentNonce): number =>
  parts.reduce((crc, part) => crc32(part, crc), nonce);

export function encodeFrameHeader(frame: Frame, nonce: SegmentNonce): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_SIZE);
  header.writeUInt32BE(FRAME_MAGIC, 0);
  header.writeBigUInt64BE(BigInt(frame.first), 4);
  header.writeUInt32BE(frame.count, 12);
  header.writeUInt32BE(frame.length, 16);
  header.writeUInt32BE(frame.payloadCrc, 20);
  header.writeUInt32BE(crc32(header.subarray(0, 28), nonce), 28);
  return header;
}

/** Reads the frame header at an offset; undefined when there is none, or not all of it. */
export function decodeFrameHeader(bytes: Buffer, offset: number, nonce: SegmentNonce): Frame | undefined {
  if (offset + FRAME_HEADER_SIZE > bytes.length || bytes.readUInt32BE(offset) !== FRAME_MAGIC) return undefined;
  if (bytes.readUInt32BE(offset + 28) !== crc32(bytes.subarray(offset, offset + 28), nonce)) return undefined;
  return {
    first: Number(bytes.readBigUInt64BE(offset + 4)),
    count: bytes.readUInt32BE(offset + 12),
    length: bytes.readUInt32BE(offset + 16),
    payloadCrc: bytes.readUInt32BE(offset + 20),
  };
}

/** Offset of the next whole frame header at or after `offset`; undefined when there is none. */
export function findFrame(bytes: Buffer, offset: number, nonce: SegmentNonce): number | undefined {
  const magic = Buffer.alloc(4);
  magic.writeUInt32BE(FRAME_MAGIC);
  for (let at = bytes.indexOf(magic, offset); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    if (decodeFrameHeader(bytes, at, nonce) !== undefined) return at;
  }
  return undefined;
}
