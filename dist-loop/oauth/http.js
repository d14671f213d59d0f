import { Agent, request } from 'undici';
/** The server could not be asked, or its answer does not fit the limits. Says nothing about the grant. */
export class HttpFailure extends Error {
    code;
    name = 'HttpFailure';
    constructor(code, options) {
        super(`the server gave no usable answer: ${code}`, options);
        this.code = code;
    }
}
const defaults = { deadline: 10_000, size: 512 * 1024 };
export function createHttpClient() {
    const agent = new Agent({ connect: { timeout: 5_000 }, keepAliveTimeout: 4_000, connections: 64 });
    const http = async (url, { method, headers = {}, body }, limits) => {
        const { deadline, size } = { ...defaults, ...limits };
        const signal = AbortSignal.timeout(deadline);
        try {
            const answer = await request(url, {
                method,
                headers: { 'accept-encoding': 'identity', 'user-agent': 'gatehouse', ...headers },
                ...(body === undefined ? {} : { body }),
                dispatcher: agent,
                signal,
            });
            return { status: answer.statusCode, headers: toHeaders(answer.headers), body: await readAll(answer.body, size) };
        }
        catch (error) {
            if (error instanceof HttpFailure)
                throw error;
            throw new HttpFailure(signal.aborted || isTimeout(error) ? 'timeout' : 'unreachable', { cause: error });
        }
    };
    return { http, close: () => agent.destroy() };
}
async function readAll(stream, size) {
    const chunks = [];
    let length = 0;
    for await (const chunk of stream) {
        length += chunk.length;
        if (length > size)
            throw new HttpFailure('too_large');
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
}
function toHeaders(raw) {
    const headers = new Headers();
    for (const [name, value] of Object.entries(raw))
        for (const each of Array.isArray(value) ? value : [value])
            if (each !== undefined)
                headers.append(name, each);
    return headers;
}
function isTimeout(error) {
    return error instanceof Error && 'code' in error && String(error.code).includes('TIMEOUT');
}
