import { fine, type Check } from './finding.js';

/** As `engines` in package.json says. */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24;
}

export const nodeVersion: Check = {
  title: 'Node.js',
  look: () => {
    const { version } = process;
    if (!isSupported(version))
      return [{ level: 'problem', what: `${version} is not supported`, remedy: 'Use Node 20.19, 22.13, 24 or newer.' }];
    if (version.startsWith('v20.'))
      return [{ level: 'note', what: `${version} is past its end of life`, remedy: 'Node 24 is what the image runs.' }];
    return [fine(version)];
  },
};
