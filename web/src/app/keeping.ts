import type { offline } from '@parley-chat/client/offline';

type Keep = ReturnType<typeof offline>;
type Keeper = ReturnType<Keep>;

/**
 * The client's offline, whose code comes while the server is asked who is here. Until then it is as while a keeper reads what it
 * has kept: what is said waits. Where the code does not come, the client goes on without a keeper.
 */
export function keeping(load: () => Promise<{ offline: typeof offline }>): Keep {
  return (host) => {
    const first = host.getState();
    let keeper: Keeper | null = null;
    let failed = false;
    let owner: string | null = null;
    let up = false;
    const come = load().then(
      (code) => {
        // It compares with the state that it first sees: what has happened since is then news to it.
        let state = () => first;
        keeper = code.offline()({ ...host, getState: () => state() });
        state = host.getState;
        if (owner !== null) keeper.identify(owner);
        keeper.online(up);
      },
      () => {
        failed = true;
        host.pump();
      },
    );
    return {
      identify: (id) => {
        owner = id;
        keeper?.identify(id);
      },
      changed: () => keeper?.changed(),
      online: (now) => {
        up = now;
        keeper?.online(now);
      },
      sends: (clientId) => keeper?.sends(clientId) ?? failed,
      saved: (clientId) => keeper?.saved(clientId) ?? false,
      wipe: async (told) => {
        owner = null;
        await come;
        await keeper?.wipe(told);
      },
    };
  };
}
