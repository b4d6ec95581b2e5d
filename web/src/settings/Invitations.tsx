import type { Invite } from '@parley-chat/client/rest';
import { Link as LinkIcon } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../app/api';
import { FormError, Submit } from '../entry/FormParts';
import formStyles from '../entry/FormParts.module.css';
import { useForm } from '../entry/form';
import { useLoad } from '../entry/load';
import { type NewInvitation, newInvitation, ShareLink } from '../entry/ShareLink';
import { useTick } from '../entry/tick';
import { ago, dayOf } from '../entry/when';
import { settings as texts } from '../text/settings';
import { Button } from '../ui/Button';
import { Field } from '../ui/Field';
import { Icon } from '../ui/Icon';
import { Confirm } from './Confirm';
import { Choice, Empty, Fetched, List, Row } from './List';
import styles from './Settings.module.css';

const day = 24 * 3600;
const lasting = [
  { value: String(day), name: texts.invites.days(1) },
  { value: String(7 * day), name: texts.invites.days(7) },
  { value: String(30 * day), name: texts.invites.days(30) },
  { value: String(365 * day), name: texts.invites.year },
] as const;

/** How many people an invitation can be for (the server's limit). */
const mostUses = 10_000;

/** The invitations that can be used now, and making another. */
export function Invitations() {
  const api = useApi();
  const invites = useLoad('invites', () => api.invites());
  const [made, setMade] = useState<NewInvitation | null>(null);
  const [revoking, setRevoking] = useState<Invite | null>(null);
  const now = useTick(60_000);

  const revoke = async (invite: Invite) => {
    await api.revokeInvite(invite.id);
    invites.set((all) => all.filter((each) => each.id !== invite.id));
    setMade(null); // it may be the one that is shown
  };

  return (
    <>
      <CreateForm
        onMade={(invitation) => {
          setMade(invitation);
          invites.again();
        }}
      />
      {made !== null && (
        <section className={styles.made} aria-label={texts.invites.made}>
          <ShareLink key={made.url} invitation={made} />
        </section>
      )}
      <section className={styles.part} aria-labelledby="invitations-open">
        <h3 id="invitations-open">{texts.invites.open}</h3>
        <Fetched from={invites}>
          {(all) =>
            all.length === 0 ? (
              <Empty>{texts.invites.none}</Empty>
            ) : (
              <List label={texts.invites.open}>
                {all.map((invite) => (
                  <InviteRow key={invite.id} invite={invite} now={now} onRevoke={() => setRevoking(invite)} />
                ))}
              </List>
            )
          }
        </Fetched>
      </section>
      {revoking !== null && (
        <Confirm
          title={texts.invites.ask}
          action={texts.invites.revoke}
          onConfirm={() => revoke(revoking)}
          onClose={() => setRevoking(null)}
        >
          {texts.invites.askText}
        </Confirm>
      )}
    </>
  );
}

function InviteRow({ invite, now, onRevoke }: { invite: Invite; now: number; onRevoke: () => void }) {
  const name = texts.invites.madeBy(invite.created_by, ago(Date.parse(invite.created_at), now));
  return (
    <Row
      start={<Icon of={LinkIcon} />}
      name={name}
      detail={texts.invites.terms(
        usesOf(invite),
        invite.expires_at === undefined ? '' : dayOf(Date.parse(invite.expires_at), now),
      )}
      end={
        <Button size="s" aria-label={texts.invites.revokeIt(name)} onClick={onRevoke}>
          {texts.invites.revoke}
        </Button>
      }
    />
  );
}

function usesOf({ uses, max_uses: most = 0 }: Invite): string {
  return most > 0 ? texts.invites.usedOf(uses, most) : texts.invites.usedBy(uses);
}

interface Typed extends Record<string, string> {
  lasts: string;
  uses: string;
}

function CreateForm({ onMade }: { onMade: (made: NewInvitation) => void }) {
  const api = useApi();
  const form = useForm<Typed>({
    initial: { lasts: String(7 * day), uses: '' },
    checks: { uses: checkUses },
    fields: [],
    send: async ({ lasts, uses }) => {
      const terms = { expires_in: Number(lasts) };
      const made = await api.createInvite(uses.trim() === '' ? terms : { ...terms, max_uses: Number(uses) });
      onMade(newInvitation(made));
    },
  });
  return (
    <form {...form.form} className={`${formStyles.form} ${styles.part}`} aria-label={texts.invites.form}>
      <p className={styles.intro}>{texts.invites.intro}</p>
      <div className={styles.two}>
        <Choice
          shown
          label={texts.invites.lasts}
          value={form.values.lasts}
          options={lasting}
          onChange={(lasts) => form.set({ lasts })}
        />
        <Field
          {...form.field('uses')}
          label={texts.invites.uses}
          placeholder={texts.invites.noLimit}
          inputMode="numeric"
          autoComplete="off"
        />
      </div>
      <FormError text={form.error} />
      <div className={styles.row}>
        <Submit busy={form.busy} waitUntil={form.waitUntil} block={false}>
          {texts.invites.create}
        </Submit>
      </div>
    </form>
  );
}

function checkUses(text: string): string {
  const uses = text.trim();
  if (uses === '') return '';
  return /^\d{1,5}$/.test(uses) && Number(uses) >= 1 && Number(uses) <= mostUses ? '' : texts.invites.badUses(mostUses);
}
