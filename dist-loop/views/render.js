import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assetVersions } from './assets.js';
import { formatDuration, formatTime } from './format.js';
import { localeOf, localize } from './locale.js';
import { markOf } from './mark.js';
import { messages, problemTexts } from './messages.js';
import { operationsOf } from './operations.js';
import { compileTemplates } from './templates.js';
/** Compiles the templates once; a template that is broken or does not escape stops the start. */
export function createViews({ directory, overrides, basePath }) {
    const own = directory instanceof URL ? fileURLToPath(directory) : directory;
    const folders = overrides === undefined ? [own] : [own, overrides];
    const assetFolders = folders.map((folder) => join(folder, 'assets'));
    const versions = assetVersions(assetFolders);
    const run = compileTemplates(folders);
    const base = basePath.replace(/\/+$/, '');
    const url = (path) => `${base}${path}`;
    const asset = (name) => url(`/assets/${name}?v=${versions.get(name) ?? '0'}`);
    return {
        assetFolders: [...assetFolders].reverse(),
        render(name, model, tag) {
            const locale = localeOf(tag);
            const format = {
                duration: (seconds) => formatDuration(seconds, locale),
                time: (time) => formatTime(time, locale),
                text: (text) => localize(text, locale),
                operations: operationsOf,
            };
            const problem = (code) => problemTexts[locale][code];
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
