import all from './jest.config.js';

/**
 * The folders of `npm run test:core`, which .ci/run also runs on the Node of the image. They need redis-server and no other
 * program. What is not here needs a browser, a proxy or an authorization server of Debian's, waits for timeouts, measures,
 * or holds documents against the code.
 */
const folders = [
  'callback',
  'configuration',
  'connect',
  'leaks',
  'logs',
  'metrics',
  'openapi',
  'pack',
  'providers',
  'proxy',
  'refresh',
  'return-to',
  'session',
  'shutdown',
  'store',
  'upgrade',
  'variables',
  'world',
];

/** @type {import('jest').Config} */
export default { ...all, roots: folders.map((folder) => `<rootDir>/test/${folder}`) };
