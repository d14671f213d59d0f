interface Payload extends Record<string, unknown> {
  uid?: string;
  grantId?: string;
  consumed?: number;
}

interface Adapter {
  upsert(id: string, payload: Payload, expiresIn: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(): Promise<undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

/** The memory of one `oidc-provider`: its own, where the package's built-in one is shared by all in a process. */
export function memoryAdapter(): (model: string) => Adapter {
  const records = new Map<string, Payload>();
  return (model) => ({
    upsert: (id, payload) => {
      records.set(`${model}:${id}`, payload);
      return Promise.resolve();
    },
    find: (id) => Promise.resolve(records.get(`${model}:${id}`)),
    findByUid: (uid) =>
      Promise.resolve([...records].find(([key, payload]) => key.startsWith(`${model}:`) && payload.uid === uid)?.[1]),
    findByUserCode: () => Promise.resolve(undefined),
    consume: (id) => {
      const payload = records.get(`${model}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      return Promise.resolve();
    },
    destroy: (id) => {
      records.delete(`${model}:${id}`);
      return Promise.resolve();
    },
    revokeByGrantId: (grantId) => {
      for (const [key, payload] of records) if (payload.grantId === grantId) records.delete(key);
      return Promise.resolve();
    },
  });
}
