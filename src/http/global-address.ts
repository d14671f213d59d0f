import { BlockList, isIP, isIPv4 } from 'node:net';

/*
 * Which addresses are the public internet's, by IANA's special-purpose registries
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry), as of 2026. What they do not
 * call globally reachable is not, and neither is multicast.
 */

/** Blocks that are not globally reachable. */
const special4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];
/** Within those, what is globally reachable. */
const global4 = ['192.0.0.9/32', '192.0.0.10/32'];

/** Global unicast is assigned from here; nothing outside is globally reachable, but for what holds an IPv4 address. */
const unicast6 = ['2000::/3'];
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const global6 = [
  ...[
    '2001:1::1/128',
    '2001:1::2/128',
    '2001:1::3/128',
    '2001:3::/32',
    '2001:4:112::/48',
    '2001:20::/28',
    '2001:30::/28',
  ],
];

const blocks = {
  special4: listOf(special4, 'ipv4'),
  global4: listOf(global4, 'ipv4'),
  unicast6: listOf(unicast6, 'ipv6'),
  special6: listOf(special6, 'ipv6'),
  global6: listOf(global6, 'ipv6'),
};

function listOf(subnets: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits = ''] = subnet.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** Whether an address, v4 or v6, is globally reachable. An IPv4 address inside an IPv6 one is judged as itself. */
export function isGlobalAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return isGlobal4(address);
  if (family !== 6 || address.includes('%')) return false;
  const groups = groupsOf(address);
  const inner = groups && embedded(groups);
  if (inner !== undefined) return isGlobal4(inner);
  if (!blocks.unicast6.check(address, 'ipv6')) return false;
  return !blocks.special6.check(address, 'ipv6') || blocks.global6.check(address, 'ipv6');
}

function isGlobal4(address: string): boolean {
  return !blocks.special4.check(address, 'ipv4') || blocks.global4.check(address, 'ipv4');
}

/** IPv4-mapped (RFC 4291 2.5.5.2), NAT64 (RFC 6052) and 6to4 (RFC 3056) addresses stand for the IPv4 address in them. */
function embedded(groups: readonly number[]): string | undefined {
  const [a = 0, b = 0, c = 0] = groups;
  const begins = (...start: number[]): boolean => start.every((group, index) => groups[index] === group);
  if (begins(0, 0, 0, 0, 0, 0xffff) || begins(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(groups[6], groups[7]);
  return a === 0x2002 ? dotted(b, c) : undefined;
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] | undefined {
  const [head = '', tail] = withoutDots(address).split('::');
  const numbers = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [first, last] = [numbers(head), numbers(tail ?? '')];
  const gap = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array<number>(Math.max(0, gap)).fill(0), ...last];
  return groups.length === 8 && groups.every((group) => group >= 0 && group <= 0xffff) ? groups : undefined;
}

/** `::ffff:10.0.0.1` is another spelling of `::ffff:a00:1`. */
function withoutDots(address: string): string {
  const text = /[\d.]+$/.exec(address)?.[0] ?? '';
  if (!isIPv4(text)) return address;
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return `${address.slice(0, -text.length)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
