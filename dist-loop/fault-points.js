/** Moments at which a power cut would hurt most. The tests let the process end there, as if by SIGKILL. */
export const faultPoints = [
    ...['connect.pending_stored', 'connect.taken', 'connect.redeemed', 'connect.saved'],
    ...['refresh.locked', 'refresh.answered', 'refresh.saved'],
    ...['disconnect.begun', 'disconnect.deleted', 'disconnect.revoked'],
];
let armed;
/** Arms the point that GATEHOUSE_FAULT_POINT names. In production none can be armed. */
export function armFaultPoint({ NODE_ENV, GATEHOUSE_FAULT_POINT }) {
    armed = NODE_ENV === 'production' ? undefined : faultPoints.find((point) => point === GATEHOUSE_FAULT_POINT);
}
/** Ends the process here when this point is armed; otherwise nothing. */
export function faultPoint(name) {
    if (name === armed)
        process.kill(process.pid, 'SIGKILL');
}
