/** Moments at which a power cut would hurt most. The tests let the process end there, as if by SIGKILL. */
export const faultPoints = [
  ...(['connect.pending_stored', 'connect.taken', 'connect.redeemed', 'connect.saved'] as const),
  ...(['refresh.locked', 'refresh.answered', 'refresh.saved'] as const),
  ...(['disconnect.begun', 'disconnect.deleted', 'disconnect.revoked'] as const),
] as const;

export type FaultPoint = (typeof faultPoints)[number];

let armed: FaultPoint | undefined;
let signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL';

/**
 * Arms the point that GATEHOUSE_FAULT_POINT names; with `:stop` behind the name the process is stopped there, once, instead of
 * ended. In production none can be armed.
 */
export function armFaultPoint({ NODE_ENV, GATEHOUSE_FAULT_POINT }: Readonly<Record<string, string | undefined>>): void {
  const [name, how] = GATEHOUSE_FAULT_POINT?.split(':') ?? [];
  armed = NODE_ENV === 'production' ? undefined : faultPoints.find((point) => point === name);
  signal = how === 'stop' ? 'SIGSTOP' : 'SIGKILL';
}

/** Ends or stops the process here when this point is armed; otherwise nothing. */
export function faultPoint(name: FaultPoint): void {
  if (name !== armed) return;
  if (signal === 'SIGSTOP') armed = undefined;
  process.kill(process.pid, signal);
}
