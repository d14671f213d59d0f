import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProblemCode } from '../errors.js';
import { assetVersions } from './assets.js';
import { formatDate, formatDuration, formatTime } from './format.js';
import { localeOf, localize, type LocalizedText } from './locale.js';
import { markOf } from './mark.js';
import { messages, problemTexts } from './messages.js';
import type { ViewModels } from './models.js';
import { operationsOf } from './operations.js';
import { compileTemplates } from './templates.js';

export interface ViewOptions {
  /** Folder of the templates, with the folders `partials` and `assets` in it. */
  directory: URL | string;
  /** An operator's folder of the same shape: a file found there wins. */
  overrides?: string | undefined;
  /** Path of PUBLIC_URL, '' or '/' at the root. */
  basePath: string;
}

export interface Views {
  /** The page as HTML, in the page language for the tag. */
  render: <Name extends keyof ViewModels>(name: Name, model: ViewModels[Name], locale: string) => string;
  /** Folders to serve under `<base>/assets/`, the first that has a file wins. */
  assetFolders: readonly string[];
}

/** Compiles the templates once; a template that is broken or does not escape stops the start. */
export function createViews({ directory, overrides, basePath }: ViewOptions): Views {
  const own = directory instanceof URL ? fileURLToPath(directory) : directory;
  const folders = overrides === undefined ? [own] : [own, overrides];
  const assetFolders = folders.map((folder) => join(folder, 'assets'));
  const versions = assetVersions(assetFolders);
  const run = compileTemplates(folders);
  const base = basePath.replace(/\/+$/, '');
  const url = (path: string) => `${base}${path}`;
  const asset = (name: string) => url(`/assets/${name}?v=${versions.get(name) ?? '0'}`);

  return {
    assetFolders: [...assetFolders].reverse(),
    render(name, model, tag) {
      const locale = localeOf(tag);
      const format = {
        duration: (seconds: number) => formatDuration(seconds, locale),
        time: (time: string) => formatTime(time, locale),
        date: (time: string) => formatDate(time, locale),
        text: (text: LocalizedText) => localize(text, locale),
        operations: operationsOf,
      };
      const problem = (code: ProblemCode) => problemTexts[locale][code];
      const problems = () => Object.entries(problemTexts[locale]);
      return run(name, {
        model,
        t: messages[locale],
        locale,
        url,
        asset,
        format: { ...format, problems },
        problem,
        mark: markOf,
      });
    },
  };
}
