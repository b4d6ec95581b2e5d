import type { RestWorkspace } from '@parley-chat/client';
import type { Invitation, Registration } from '@parley-chat/client/rest';
import { Link as LinkIcon } from 'lucide-react';
import { useApi } from '../app/api';
import { linkTo, navigate } from '../app/router';
import { Button } from '../ui/Button';
import { Card } from '../ui/Card';
import { Icon } from '../ui/Icon';
import { FormError, Notice, Or, Submit } from './FormParts';
import formStyles from './FormParts.module.css';
import { EmailField, NameField, NewPasswordField } from './fields';
import { useForm } from './form';
import { LinkButton } from './LinkButton';
import { useLoad } from './load';
import { codeOf, textOf } from './problem';
import { checkEmail, checkName, checkNewPassword } from './rules';
import { Waiting } from './Waiting';
import { dayOf } from './when';

interface Typed extends Record<string, string> {
  name: string;
  email: string;
  password: string;
}

/** Makes an account by an invitation, or, with the code '', in a workspace that is open to everybody. */
export function Join({ workspace, code }: { workspace: RestWorkspace; code: string }) {
  const api = useApi();
  const me = useLoad('me', () => nobody(api.me()));
  const invitation = useLoad(code, () => (code === '' ? Promise.resolve(null) : api.invitation(code)));
  const failed = invitation.error ?? me.error;

  if (workspace.registration === 'closed') return <Closed workspace={workspace} />;
  if (code === '' && workspace.registration !== 'open') return <NoInvitation workspace={workspace} />;
  if (codeOf(invitation.error) === 'not_found') return <InvitationEnded workspace={workspace} />;
  if (failed !== null) {
    const again = () => {
      invitation.again();
      me.again();
    };
    return <Unreachable workspace={workspace} text={textOf(failed)} again={again} />;
  }
  if (me.data === null || (code !== '' && invitation.data === null)) return <Waiting />;
  if (me.data.name !== '' && me.data.kind === 'member') return <SignedIn workspace={workspace} name={me.data.name} />;
  return <JoinForm workspace={workspace} code={code} invitation={invitation.data} />;
}

/** Whoever is signed in; nobody is an answer too. */
async function nobody(asked: Promise<{ name: string; kind: string }>): Promise<{ name: string; kind: string }> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === 'unauthenticated') return { name: '', kind: '' };
    throw error;
  }
}

function JoinForm({
  workspace,
  code,
  invitation,
}: {
  workspace: RestWorkspace;
  code: string;
  invitation: Invitation | null;
}) {
  const api = useApi();
  const form = useForm<Typed>({
    initial: { name: '', email: '', password: '' },
    checks: { name: checkName, email: checkEmail, password: checkNewPassword },
    fields: ['email', 'password', 'name'],
    send: async ({ name, email, password }) => {
      const account: Registration = { name: name.trim(), password };
      if (email.trim() !== '') account.email = email.trim();
      if (code !== '') account.invite = code;
      await api.register(account);
      navigate('/rooms/general', { replace: true });
    },
  });
  return (
    <Card
      title={`Join ${workspace.name}`}
      sub={
        invitation === null ? (
          'Everybody may create an account here.'
        ) : (
          <>
            <b>{invitation.invited_by}</b> invites you.
          </>
        )
      }
      foot={
        <>
          {invitation !== null && <Icon of={LinkIcon} size={16} />}
          {invitation !== null && <span>{termsOf(invitation, Date.now())}</span>}
          <a {...linkTo('/signin')}>Have an account?</a>
        </>
      }
    >
      <form {...form.form} className={formStyles.form} aria-label="Join">
        <NameField {...form.field('name')} autoFocus />
        <EmailField {...form.field('email')} />
        <NewPasswordField {...form.field('password')} known={[form.values.name, form.values.email, workspace.name]} />
        <FormError text={form.error} />
        <Submit busy={form.busy} waitUntil={form.waitUntil}>
          Join and open general
        </Submit>
      </form>
      {workspace.guests && (
        <>
          <Or />
          <LinkButton to="/guest">Look around as a guest</LinkButton>
        </>
      )}
    </Card>
  );
}

function termsOf({ expires_at: expires, uses_left: left }: Invitation, now: number): string {
  const people = left === undefined ? '' : left === 1 ? ' for one more person' : ` for ${left} more people`;
  const until = expires === undefined ? '' : ` valid until ${dayOf(Date.parse(expires), now)}`;
  return `Invitation${people}${people !== '' && until !== '' ? ',' : ''}${until}.`;
}

function SignedIn({ workspace, name }: { workspace: RestWorkspace; name: string }) {
  return (
    <Card
      title={`You are in ${workspace.name} already`}
      sub={
        <>
          You are signed in as <b>{name}</b>. The invitation is for somebody without an account: it is not used up.
        </>
      }
    >
      <Button variant="main" block onClick={() => navigate('/')}>
        Go to the chat
      </Button>
    </Card>
  );
}

function InvitationEnded({ workspace }: { workspace: RestWorkspace }) {
  return (
    <Card title="This invitation does not work" foot={<a {...linkTo('/signin')}>Have an account?</a>}>
      <Notice>
        <p>
          Its link is not complete, or the invitation to {workspace.name} has expired, was revoked or has been used by
          as many people as it was for.
        </p>
        <p>Ask whoever sent it to you for a new one.</p>
        {workspace.guests && <LinkButton to="/guest">Look around as a guest</LinkButton>}
      </Notice>
    </Card>
  );
}

function NoInvitation({ workspace }: { workspace: RestWorkspace }) {
  return (
    <Card title={`Join ${workspace.name}`} foot={<a {...linkTo('/signin')}>Have an account?</a>}>
      <Notice>
        <p>You need an invitation: a link that an owner or a moderator of this workspace makes for you.</p>
        {workspace.guests && <LinkButton to="/guest">Look around as a guest</LinkButton>}
      </Notice>
    </Card>
  );
}

function Closed({ workspace }: { workspace: RestWorkspace }) {
  return (
    <Card title={`${workspace.name} takes no new accounts`} foot={<a {...linkTo('/signin')}>Have an account?</a>}>
      <Notice>
        <p>
          Whoever runs this server has closed it to new people, also to those with an invitation. Ask them to make an
          account for you.
        </p>
        {workspace.guests && <LinkButton to="/guest">Look around as a guest</LinkButton>}
      </Notice>
    </Card>
  );
}

function Unreachable({ workspace, text, again }: { workspace: RestWorkspace; text: string; again: () => void }) {
  return (
    <Card title={`Join ${workspace.name}`}>
      <Notice>
        <FormError text={text} />
        <Button block onClick={again}>
          Try again
        </Button>
      </Notice>
    </Card>
  );
}
