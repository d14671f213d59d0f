import { writeSection } from '../report.js';
import { readFigures } from './figures.js';
import { largePlan } from './large-plan.js';
import { sizing } from './sizing.js';

/** Works out anew what follows from the figures in docs: after each command that has written one. */
export async function writePlan(): Promise<void> {
  const figures = readFigures();
  await writeSection('sizing', sizing(figures), 'operations.md');
  await writeSection('plan', largePlan(figures), 'load.md');
}
