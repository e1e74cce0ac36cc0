// Reading the write-ahead file back at opening: which records are good, where a torn tail is cut, what is damage.
import { join } from 'node:path';
import type { Disk } from '@trine/system/disk.ts';
import { LogDamagedError } from './errors.ts';
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  FRAME_HEADER_SIZE,
  findFrame,
  payloadCrc,
  SEGMENT_HEADER_SIZE,
} from './frame.ts';
import type { Segment } from './wal.ts';
import { segmentName } from './wal.ts';

/** Leaves of one frame, in order; views into the segment read. */
export interface ReadFrame {
  readonly first: number;
  readonly leaves: readonly Uint8Array[];
}

/**
 * Lists the segments, oldest first, with their headers checked.
 *
 * @throws LogDamagedError when a file is not a segment
 */
export function listSegments(disk: Disk, directory: string): Segment[] {
  const segments: Segment[] = [];
  for (const name of disk.list(directory)) {
    const path = join(directory, name);
    const file = disk.open(path, 'read');
    try {
      const buffer = Buffer.alloc(SEGMENT_HEADER_SIZE);
      const header = decodeSegmentHeader(buffer.subarray(0, file.read(buffer, 0)));
      if (header === undefined || segmentName(header.first) !== name) {
        throw new LogDamagedError(path, 'not a segment of a write-ahead file of this version');
      }
      segments.push({ path, ...header, length: SEGMENT_HEADER_SIZE });
    } finally {
      file.close();
    }
  }
  return segments;
}

/**
 * Reads the frames of a segment and sets `segment.length` to the end of the last good one. Nothing is changed on disk.
 *
 * @param segment the segment
 * @param options `last`: is it the newest segment, whose tail may be torn?
 * @param take called with each frame in order
 * @returns bytes of torn tail after the last good frame, 0 when there are none
 * @throws LogDamagedError when a bad record is not the tail, or leaves are missing between records
 */
export function readSegment(
  disk: Disk,
  segment: Segment,
  options: { last: boolean },
  take: (frame: ReadFrame) => void,
): { end: number; torn: number } {
  const bytes = disk.read(segment.path);
  let next = segment.first;
  let offset = SEGMENT_HEADER_SIZE;
  while (offset < bytes.length) {
    const frame = decodeFrameHeader(bytes, offset, segment.nonce);
    const start = offset + FRAME_HEADER_SIZE;
    const payload = frame && start + frame.length <= bytes.length ? bytes.subarray(start, start + frame.length) : null;
    if (frame === undefined || payload === null || payloadCrc([payload], segment.nonce) !== frame.payloadCrc) {
      // One frame is in flight at a time: a whole frame after the bad one proves that the bad one was once durable.
      if (!options.last || findFrame(bytes, offset + 1, segment.nonce) !== undefined) {
        throw new LogDamagedError(
          segment.path,
          `the record at byte ${offset} (leaf ${next}) was durable and is damaged`,
        );
      }
      break;
    }
    const leaves = splitLeaves(payload);
    if (frame.first !== next || leaves?.length !== frame.count) {
      throw new LogDamagedError(segment.path, `the record at byte ${offset} should start with leaf ${next}`);
    }
    take({ first: frame.first, leaves });
    next += frame.count;
    offset = start + frame.length;
  }
  segment.length = offset;
  return { end: next, torn: bytes.length - offset };
}

/** Cuts what follows the good frames of a segment. */
export function cutTail(disk: Disk, segment: Segment): void {
  const file = disk.open(segment.path, 'write');
  try {
    file.truncate(segment.length);
    file.syncNow();
  } finally {
    file.close();
  }
}

function splitLeaves(payload: Buffer): Uint8Array[] | undefined {
  const leaves: Uint8Array[] = [];
  let offset = 0;
  while (offset < payload.length) {
    const end = offset + 2 <= payload.length ? offset + 2 + payload.readUInt16BE(offset) : Number.POSITIVE_INFINITY;
    if (end > payload.length) return undefined;
    leaves.push(payload.subarray(offset + 2, end));
    offset = end;
  }
  return leaves;
}
