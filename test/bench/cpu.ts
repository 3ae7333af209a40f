/** CPU time of processes, read from /proc (Linux). The kernel counts in hundredths of a second. */

import { readdirSync, readFileSync } from 'node:fs'

type Stat = { readonly parent: number; readonly own: number; readonly ended: number }

/** Seconds of one process. */
export function cpuOf(pid: number): number {
  return statOf(pid).own
}

/** Seconds of a whole Postgres server, of which one backend is known: its writers and former backends, too. */
export function serverCpuOf(backend: number): number {
  const { parent: postmaster } = statOf(backend)
  const { own, ended } = statOf(postmaster)
  return processes()
    .map(tryStatOf)
    .filter((stat) => stat?.parent === postmaster)
    .reduce((sum, stat) => sum + (stat?.own ?? 0), own + ended)
}

export function peakMbOf(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** A process may end while the others are read. */
function tryStatOf(pid: number): Stat | undefined {
  try {
    return statOf(pid)
  } catch {
    return undefined
  }
}

/** @see proc_pid_stat(5): fields 4 and 14 to 17, counted after the name in brackets. */
function statOf(pid: number): Stat {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ')
  const seconds = (at: number) => Number(fields[at]) / 100
  return {
    parent: Number(fields[1]),
    own: seconds(11) + seconds(12),
    ended: seconds(13) + seconds(14),
  }
}
