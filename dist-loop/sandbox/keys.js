import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
export async function createKeys() {
    const [own, unknown] = await Promise.all([rsa(), rsa()]);
    const kid = randomUUID();
    const sign = (key, claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(key);
    return {
        jwks: { keys: [{ ...(await exportJWK(own.publicKey)), kid, use: 'sig', alg: 'RS256' }] },
        sign: (claims) => sign(own.privateKey, claims),
        signWithUnknownKey: (claims) => sign(unknown.privateKey, claims),
    };
}
function rsa() {
    return generateKeyPair('RS256', { modulusLength: 2048 });
}
