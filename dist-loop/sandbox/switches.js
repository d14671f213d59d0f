import { providerIds } from './provider-ids.js';
import { definitions } from './switch-definitions.js';
export class SwitchError extends Error {
    name = 'SwitchError';
}
export function createSwitches() {
    const values = new Map();
    const reset = () => {
        for (const provider of providerIds)
            values.set(provider, defaultsOf(provider));
    };
    reset();
    const get = (provider, name) => values.get(provider)?.get(name);
    return {
        flag: (provider, name) => get(provider, name) === true,
        number: (provider, name) => Number(get(provider, name) ?? 0),
        choice: (provider, name) => String(get(provider, name) ?? 'off'),
        set(provider, wanted) {
            const parsed = Object.entries(wanted).map(([name, value]) => [name, parse(provider, name, value)]);
            for (const [name, value] of parsed)
                values.get(provider)?.set(name, value);
        },
        of: (provider) => Object.fromEntries(values.get(provider) ?? []),
        reset,
    };
}
/** The switches that a provider has, with their definitions. */
export function switchesOf(provider) {
    return Object.entries(definitions).filter(([, { at }]) => at[provider] !== undefined);
}
function defaultsOf(provider) {
    return new Map(switchesOf(provider).map(([name, { at }]) => [name, at[provider] ?? false]));
}
function parse(provider, name, value) {
    const definition = switchesOf(provider).find(([known]) => known === name)?.[1];
    if (!definition)
        throw new SwitchError(`${provider} has no switch of this name`);
    if (definition.kind === 'flag') {
        if (value === true || value === 'true' || value === 'on')
            return true;
        if (value === false || value === 'false' || value === 'off')
            return false;
        throw new SwitchError(`${name} is true or false`);
    }
    if (definition.kind === 'number') {
        const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
        if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= definition.most)
            return number;
        throw new SwitchError(`${name} is a whole number from 0 to ${definition.most}`);
    }
    const text = typeof value === 'number' ? value.toString() : value;
    const known = definition.values.find((one) => one === text);
    if (known === undefined)
        throw new SwitchError(`${name} is one of ${definition.values.join(', ')}`);
    return known;
}
