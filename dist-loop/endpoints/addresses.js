export function createAddresses({ publicUrl, basePath }) {
    const of = (path) => `${publicUrl.origin}${basePath}${path}`;
    return { of, home: of('/'), redirectUri: (provider) => of(`/connect/${provider}/callback`) };
}
