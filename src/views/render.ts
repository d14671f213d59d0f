import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countOf, rangeOf } from '../../views/assets/paging.js';
import type { ProblemCode } from '../errors.js';
import { assetVersions } from './assets.js';
import { contractText } from './contract-text.js';
import { formatDuration, formatSize, formatTime } from './format.js';
import { localeOf, localize, type LocalizedText } from './locale.js';
import { byProvider, labelOf, titleOf, type Labelled, type Titled } from './connection-name.js';
import { markOf } from './mark.js';
import { messages, problemTexts } from './messages.js';
import type { OpenApiDocument, ViewModels } from './models.js';
import { operationsOf } from './operations.js';
import { samplePages } from './sample-pages.js';
import { TemplateProblems } from './template-problems.js';
import { compileTemplates, whatIsWrong } from './templates.js';

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
  /** By the name of a file: the version that its address carries. */
  assetVersions: ReadonlyMap<string, string>;
}

/** In this order; an operator's `custom.css` comes last. */
const styleSheets = ['base', 'frame', 'surfaces', 'facts', 'controls', 'notices', 'tables', 'explorer', 'media'];

/**
 * Compiles the templates once; one that is broken, does not escape, or cannot show a page made of samples stops the
 * start. Throws TemplateProblems.
 */
export function createViews({ directory, overrides, basePath }: ViewOptions): Views {
  const own = directory instanceof URL ? fileURLToPath(directory) : directory;
  const folders = overrides === undefined ? [own] : [own, resolve(overrides)];
  const assetFolders = folders.map((folder) => join(folder, 'assets'));
  const versions = assetVersions(assetFolders);
  const run = compileTemplates(own, folders[1]);
  const base = basePath.replace(/\/+$/, '');
  const url = (path: string) => `${base}${path}`;
  const asset = (name: string) => url(`/assets/${name}?v=${versions.get(name) ?? '0'}`);
  const styles = [...styleSheets.map((name) => `${name}.css`), ...(versions.has('custom.css') ? ['custom.css'] : [])];

  const render: Views['render'] = (name, model, tag) => {
    const locale = localeOf(tag);
    const format = {
      duration: (seconds: number) => formatDuration(seconds, locale),
      time: (time: string) => formatTime(time, locale),
      size: (bytes: number) => formatSize(bytes, locale),
      text: (text: LocalizedText) => localize(text, locale),
      label: (connection: Labelled) => labelOf(connection, locale),
      title: (connection: Titled) => titleOf(connection, locale),
      byProvider,
      count: (answer: Parameters<typeof countOf>[0]) => countOf(answer, messages[locale].explorer),
      range: (answer: Parameters<typeof rangeOf>[0]) => rangeOf(answer, messages[locale].explorer),
      json: (value: unknown) => JSON.stringify(value),
      operations: (document: OpenApiDocument) => operationsOf(document, locale),
      contract: (text: string) => contractText(text, locale),
      problems: () => Object.entries(problemTexts[locale]),
    };
    const problem = (code: ProblemCode) => problemTexts[locale][code];
    return run(name, { model, t: messages[locale], locale, url, asset, styles, format, problem, mark: markOf });
  };
  if (overrides !== undefined) tryOut(render, resolve(overrides));
  return { assetFolders: [...assetFolders].reverse(), assetVersions: versions, render };
}

/** Makes every page once: a template that compiles may still name what there is not. */
function tryOut(render: Views['render'], folder: string): void {
  for (const { name, model } of samplePages) {
    try {
      render(name, model, 'en');
    } catch (error) {
      throw new TemplateProblems([{ file: folder, what: `the page ${name} cannot be made: ${whatIsWrong(error)}` }]);
    }
  }
}
