// What a process used, from /proc (Linux): all its threads, also those that ended.
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: fixed at 100 for user space on every Linux architecture that Node supports. */
const TICKS_PER_SECOND = 100;

/** CPU seconds (user and system) a process and its threads used so far. */
export function cpuSeconds(pid: number): number {
  return ticks(readFileSync(`/proc/${pid}/stat`, 'utf8')) / TICKS_PER_SECOND;
}

/** CPU seconds by thread name, threads of one name added up. */
export function cpuSecondsByThread(pid: number): Map<string, number> {
  const byName = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      byName.set(name, (byName.get(name) ?? 0) + ticks(stat) / TICKS_PER_SECOND);
    } catch (error) {
      // A thread may end between listing and reading.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ESRCH')
        throw error;
    }
  }
  return byName;
}

function ticks(stat: string): number {
  // The name in parentheses may hold spaces: fields are counted after it. utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident memory of a process now, bytes. */
export function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}
