import { pino } from 'pino';
import { standardOutput } from './standard-output.js';
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'];
export function createLog({ level, format, destination = standardOutput, observe }) {
    const logger = pino({
        level,
        base: null,
        timestamp: timeMember,
        messageKey: 'event',
        formatters: { level: levelName },
    }, format === 'json' ? destination : readable(destination));
    const write = (at) => (event, fields = {}) => {
        observe?.(event, fields);
        logger[at](fields, event);
    };
    return {
        error: write('error'),
        warn: write('warn'),
        info: write('info'),
        debug: write('debug'),
        enabled: (wanted) => logger.isLevelEnabled(wanted),
    };
}
let timeAt = 0;
let timeText = '';
/** The time as pino wants it, put into words once for all lines of a millisecond. */
function timeMember() {
    const now = Date.now();
    if (now !== timeAt) {
        timeAt = now;
        timeText = `,"time":"${new Date(now).toISOString()}"`;
    }
    return timeText;
}
function levelName(label) {
    return { level: label };
}
/** Turns pino's JSON lines into `12:00:01 info  connection.refreshed provider=acme`. */
function readable(destination) {
    return {
        write(line) {
            const { level, time, event, ...fields } = JSON.parse(line);
            const pairs = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
            destination.write(`${[String(time).slice(11, 19), String(level).padEnd(5), event, ...pairs].join(' ')}\n`);
        },
    };
}
/**
 * What may be told of an error in a log line: its class, its code and its own message's class of trouble, never the
 * message itself, which may quote what a server sent. The causes are named from the outside in.
 */
export function describeError(error) {
    const names = [];
    for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
        const code = 'code' in at && typeof at.code === 'string' && /^[\w.-]{1,64}$/.test(at.code) ? `(${at.code})` : '';
        names.push(`${at.name}${code}`);
    }
    return { error: names.join(' < ') || typeof error };
}
