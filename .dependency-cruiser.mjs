import { ground, house } from './build/house.js';

/** The paths of a room, as a pattern. @param {string} room */
const pathOf = (room) => (room === 'scripts' ? '^views/assets/' : `^src/${room}(/|\\.ts$)`);

/** Circles, and what leads upward in the house or in the measuring programs. Type imports count. */
export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^(src|bench|test)/' },
      to: { circular: true },
    },
    ...Object.entries(house).map(([room, below]) => ({
      name: `walls-of-${room}`,
      severity: 'error',
      from: { path: pathOf(room) },
      to: { path: '^(src|bench|test|views)/', pathNot: [room, ...below, ...ground].map(pathOf) },
    })),
    {
      name: 'ground',
      severity: 'error',
      from: { path: ground.map(pathOf) },
      to: { path: '^(src|bench|test|views)/', pathNot: ground.map(pathOf) },
    },
    {
      name: 'bench-points-down',
      comment: 'The soak and the faults use what all measuring programs share, and not the other way round.',
      severity: 'error',
      from: { path: '^(bench/[^/]+\\.ts$|test/)', pathNot: '^test/(soak|faults)/' },
      to: { path: '^bench/(soak|faults)/' },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules' },
    includeOnly: '^(src|bench|test|views/assets)/',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
