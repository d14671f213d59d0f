import { expect, test } from '@jest/globals';
import { withoutPrefix } from '../../src/middleware/base-path.js';

test.each([
  ['/connect/acme', '/connect', '/connect/acme'],
  ['/connect/connect/acme', '/connect', '/connect/acme'],
  ['/connect?a', '/connect', '/?a'],
  ['/proxy/acme/proxy/x', '/proxy', '/proxy/acme/proxy/x'],
  ['/proxy/proxy/acme/x', '/proxy', '/proxy/acme/x'],
  ['/base/proxy/acme/%2e', '/base', '/proxy/acme/%2e'],
  ['/proxy/acme', '/base', '/proxy/acme'],
  ['/basement/proxy/acme', '/base', '/basement/proxy/acme'],
])('%s below the path %s is %s', (url, prefix, expected) => {
  expect(withoutPrefix(url, prefix)).toBe(expected);
});
