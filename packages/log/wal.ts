import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { TrineError } from '@trine/protocol';
import { replaceFile, syncDirectory } from './files.ts';
import type { SegmentNonce } from './frame.ts';
import { encodeFrameHeader, encodeSegmentHeader, payloadCrc, SEGMENT_HEADER_SIZE } from './frame.ts';

/** A segment is closed when it has this many bytes. */
const SEGMENT_SIZE = 16 * 1024 * 1024;

/** One file of the write-ahead file. */
export interface Segment {
  readonly path: string;
  /** Index of its first leaf. */
  readonly first: number;
  readonly nonce: SegmentNonce;
  /** Length in bytes of what is good in it. */
  length: number;
}

/** File name of the segment that starts at a leaf. */
export const segmentName = (first: number): string => `${String(first).padStart(16, '0')}.wal`;

/** Creates an empty segment, durable when this resolves. */
export async function createSegment(directory: string, temporary: string, first: number): Promise<Segment> {
  const nonce = randomBytes(4).readUInt32BE();
  const path = join(directory, segmentName(first));
  await replaceFile(path, encodeSegmentHeader(first, nonce), { temporary, durable: true });
  return { path, first, nonce, length: SEGMENT_HEADER_SIZE };
}

/** The write-ahead file: what makes leaves durable before anything else is done with them. */
export class WriteAheadLog {
  readonly #directory: string;
  readonly #temporary: string;
  readonly #segments: Segment[];
  #handle: FileHandle | undefined;

  /**
   * @param directory where the segments are
   * @param temporary a directory on the same file system
   * @param segments the segments there are, oldest first, at least one; appending goes on in the last
   */
  constructor(directory: string, temporary: string, segments: readonly Segment[]) {
    this.#directory = directory;
    this.#temporary = temporary;
    this.#segments = [...segments];
  }

  /**
   * Appends one frame and fsyncs it; the leaves are durable when this resolves. One call at a time. After an error the
   * state of the file is unknown and it must not be appended to again.
   *
   * @param first index of the first leaf
   * @param count how many leaves
   * @param parts the leaves, each after its length in two bytes
   */
  async append(first: number, count: number, parts: readonly Uint8Array[]): Promise<void> {
    let segment = this.#segments.at(-1)!;
    if (segment.length >= SEGMENT_SIZE) {
      await this.#handle?.close();
      this.#handle = undefined;
      segment = await createSegment(this.#directory, this.#temporary, first);
      this.#segments.push(segment);
    }
    this.#handle ??= await open(segment.path, 'r+');
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const frame = { first, count, length, payloadCrc: payloadCrc(parts, segment.nonce) };
    const buffers = [encodeFrameHeader(frame, segment.nonce), ...parts];
    await writeAll(this.#handle, buffers, segment.length);
    await this.#handle.datasync();
    segment.length += buffers[0]!.length + length;
  }

  /** Segments, but the newest, that hold only leaves below `end`. */
  removable(end: number): Segment[] {
    return this.#segments.filter((_, i) => {
      const next = this.#segments[i + 1];
      return next !== undefined && next.first <= end;
    });
  }

  /** Removes segments that {@link removable} gave. Oldest first, so that what is left has no gap. */
  async remove(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      await unlink(segment.path);
      this.#segments.splice(this.#segments.indexOf(segment), 1);
    }
    if (segments.length > 0) await syncDirectory(this.#directory);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

/** Writes all parts at a position; the system may take several calls. */
async function writeAll(handle: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  let rest = parts.filter((part) => part.length > 0);
  let at = position;
  while (rest.length > 0) {
    let { bytesWritten } = await handle.writev(rest, at);
    if (bytesWritten === 0)
      throw new TrineError('unavailable', 'The log’s write-ahead file takes no more bytes: is the disk full?');
    at += bytesWritten;
    const left: Uint8Array[] = [];
    for (const part of rest) {
      const taken = Math.min(part.length, bytesWritten);
      bytesWritten -= taken;
      if (taken < part.length) left.push(part.subarray(taken));
    }
    rest = left;
  }
}
