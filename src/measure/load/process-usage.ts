import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** One process as the system lists it. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Processor time since it began, user and system. */
  readonly cpuMs: number;
  readonly rssKb: number;
}

export interface Usage {
  readonly cpuMs: number;
  readonly rssKb: number;
}

/** Ticks in a second and bytes in a page on every Linux that Node runs on, but for pages of some 64-bit ARM kernels. */
const TICK_MS = 10;

/**
 * What a process and everything it has started use, for a relay that hides behind a shell, npm or a supervisor.
 * `undefined` when there is no such process.
 */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  return sumOfTree(process.platform === 'linux' ? listFromProc() : await listFromPs(), pid);
}

export function sumOfTree(processes: readonly ListedProcess[], root: number): Usage | undefined {
  const tree = new Set([root]);
  // A child may be listed before its parent: round after round until nobody joins.
  for (let grown = true; grown; ) {
    const before = tree.size;
    for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
    grown = tree.size > before;
  }
  const members = processes.filter(({ pid }) => tree.has(pid));
  if (!members.some(({ pid }) => pid === root)) return undefined;
  return members.reduce((sum, { cpuMs, rssKb }) => ({ cpuMs: sum.cpuMs + cpuMs, rssKb: sum.rssKb + rssKb }), {
    cpuMs: 0,
    rssKb: 0,
  });
}

function listFromProc(): ListedProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        return parseProc(stat, status) ?? [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

/** `pid (name) state ppid …`, user time as field 14 and system time as field 15, in ticks: proc_pid_stat(5). */
export function parseProc(stat: string, status: string): ListedProcess | undefined {
  // The name may hold blanks and brackets.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  const pid = Number.parseInt(stat, 10);
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
  if (end < 0 || !Number.isInteger(pid) || ![parent, user, system].every(Number.isInteger)) return undefined;
  // A zombie and a thread of the kernel have no memory.
  const rssKb = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  return { pid, parent: parent!, cpuMs: (user! + system!) * TICK_MS, rssKb };
}

function listFromPs(): Promise<ListedProcess[]> {
  return new Promise((resolve) => {
    execFile('ps', ['-A', '-o', 'pid=,ppid=,rss=,time='], (error, out) => resolve(error ? [] : parsePs(out)));
  });
}

/** Lines of `pid ppid rss time`; the time as `[days-][hours:]minutes:seconds[.hundredths]`. */
export function parsePs(text: string): ListedProcess[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/.exec(line);
    if (!match) return [];
    const [pid, parent, rssKb, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
    const cpuMs = (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
    return [{ pid: pid!, parent: parent!, cpuMs, rssKb: rssKb! }];
  });
}
