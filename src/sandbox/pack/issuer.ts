import type { World } from '../state/world.js';
import { moveToSandbox } from './addresses.js';
import type { Emulator } from './emulator.js';

/** The tenant of everybody, at a server whose issuer names one. */
export const tenant = '7d1f0c52-3c1e-4a8e-9a55-0d5f6e1b2c3d';

/** The issuer of ID tokens: the file's, at its place in the sandbox. */
export function movedIssuer(world: World, { definition }: Emulator): string {
  return (moveToSandbox(definition, world).issuer ?? world.publicUrl).replace('{tid}', tenant);
}
