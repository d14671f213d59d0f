export { onChange } from './changes.js';
export { connect, disconnect, logout, outcome, rename } from './connect.js';
export { ConnectButton } from './connect-button.js';
export { download } from './download.js';
export { GatehouseError } from './gatehouse-error.js';
export { proxyFetch as fetch } from './proxy-fetch.js';
export { session } from './requests.js';
export type * from './types.js';
