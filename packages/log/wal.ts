import { join } from 'node:path';
import type { Disk, DiskFile } from '@trine/system/disk.ts';
import type { System } from '@trine/system/system.ts';
import { replaceFile } from './files.ts';
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
export async function createSegment(
  { disk, random }: Pick<System, 'disk' | 'random'>,
  directory: string,
  temporary: string,
  first: number,
): Promise<Segment> {
  const nonce = random(4).readUInt32BE();
  const path = join(directory, segmentName(first));
  await replaceFile(disk, path, encodeSegmentHeader(first, nonce), { temporary, durable: true });
  return { path, first, nonce, length: SEGMENT_HEADER_SIZE };
}

/** The write-ahead file: what makes leaves durable before anything else is done with them. */
export class WriteAheadLog {
  readonly #system: Pick<System, 'disk' | 'random'>;
  readonly #directory: string;
  readonly #temporary: string;
  readonly #segments: Segment[];
  #file: DiskFile | undefined;

  /**
   * @param system the disk; what nonces come from
   * @param directory where the segments are
   * @param temporary a directory on the same file system
   * @param segments the segments there are, oldest first, at least one; appending goes on in the last
   */
  constructor(
    system: Pick<System, 'disk' | 'random'>,
    directory: string,
    temporary: string,
    segments: readonly Segment[],
  ) {
    this.#system = system;
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
      this.close();
      segment = await createSegment(this.#system, this.#directory, this.#temporary, first);
      this.#segments.push(segment);
    }
    this.#file ??= this.#disk.open(segment.path, 'write');
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const frame = { first, count, length, payloadCrc: payloadCrc(parts, segment.nonce) };
    const buffers = [encodeFrameHeader(frame, segment.nonce), ...parts];
    await this.#file.writeAll(buffers, segment.length);
    await this.#file.sync();
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
      this.#disk.remove(segment.path);
      this.#segments.splice(this.#segments.indexOf(segment), 1);
    }
    if (segments.length > 0) await this.#disk.syncFolder(this.#directory);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  get #disk(): Disk {
    return this.#system.disk;
  }
}
