import type { Me, RestPerson, Role } from '@parley-chat/client';
import { type ReactNode, useState } from 'react';
import { useApi } from '../app/api';
import { useHost } from '../app/host';
import { FormError } from '../entry/FormParts';
import { useLoad } from '../entry/load';
import { textOf } from '../entry/problem';
import { Avatar } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Confirm } from './Confirm';
import { Choice, Fetched, List, Row } from './List';
import styles from './Settings.module.css';

/** The roles that an account can have, from the least to the most. */
const roles = [
  { value: 'member', name: 'Member' },
  { value: 'moderator', name: 'Moderator' },
  { value: 'owner', name: 'Owner' },
] as const;

/** Something to be asked about before it is done. */
interface Question {
  title: string;
  text: ReactNode;
  action: string;
  person: RestPerson;
  act: () => Promise<RestPerson>;
}

/** Everybody who has an account. Owners give roles and disable accounts here. */
export function People({ me }: { me: Me }) {
  const api = useApi();
  const people = useLoad('people', () => api.users());
  const [more, setMore] = useState<{ busy: boolean; error: string }>({ busy: false, error: '' });
  const [question, setQuestion] = useState<Question | null>(null);

  const replace = (person: RestPerson) => {
    people.set((list) => ({
      ...list,
      people: list.people.map((each) => (each.id === person.id ? { ...each, ...person } : each)),
    }));
  };
  const loadMore = async (after: string) => {
    setMore({ busy: true, error: '' });
    try {
      const next = await api.users(after);
      people.set((list) => ({ people: [...list.people, ...next.people], next: next.next }));
      setMore({ busy: false, error: '' });
    } catch (refused) {
      setMore({ busy: false, error: textOf(refused) });
    }
  };

  return (
    <Fetched from={people}>
      {({ people: all, next }) => (
        <>
          <p className={styles.intro}>
            {me.role === 'owner'
              ? 'Moderators make invitations and look after rooms; owners may do everything. Who is disabled is signed out at once and cannot come back.'
              : 'Everybody who has an account here.'}
          </p>
          <List label="People">
            {all.map((person) => (
              <PersonRow key={person.id} person={person} me={me} onChanged={replace} onAsk={setQuestion} />
            ))}
          </List>
          <FormError text={more.error} />
          {next !== null && (
            <div>
              <Button busy={more.busy} onClick={() => void loadMore(next)}>
                Show more
              </Button>
            </div>
          )}
          {question !== null && (
            <Confirm
              title={question.title}
              action={question.action}
              onConfirm={async () => replace(await question.act())}
              onClose={() => setQuestion(null)}
            >
              {question.text}
            </Confirm>
          )}
        </>
      )}
    </Fetched>
  );
}

interface PersonRowProps {
  person: RestPerson;
  me: Me;
  onChanged: (person: RestPerson) => void;
  onAsk: (question: Question) => void;
}

function PersonRow({ person, me, onChanged, onAsk }: PersonRowProps) {
  const [error, setError] = useState('');
  const role = roles.find((each) => each.value === person.role);
  const called =
    person.display !== '' && person.display !== person.name ? `${person.display} (${person.name})` : person.name;
  const detail = [person.kind === 'bot' ? 'Bot' : me.role === 'owner' ? '' : role?.name, person.email]
    .filter(Boolean)
    .join(' · ');
  return (
    <Row
      start={<Avatar id={person.id} name={person.display || person.name} size={32} bot={person.kind === 'bot'} />}
      name={called}
      chip={person.disabled ? 'Disabled' : person.id === me.id ? 'You' : undefined}
      detail={detail === '' ? undefined : detail}
      error={error}
      end={
        me.role === 'owner' && person.kind === 'member' ? (
          <PersonActions person={person} me={me} onChanged={onChanged} onAsk={onAsk} onError={setError} />
        ) : undefined
      }
    />
  );
}

function PersonActions({
  person,
  me,
  onChanged,
  onAsk,
  onError,
}: PersonRowProps & { onError: (text: string) => void }) {
  const api = useApi();
  const host = useHost();
  const [busy, setBusy] = useState(false);

  const act = async (change: () => Promise<RestPerson>) => {
    setBusy(true);
    onError('');
    try {
      onChanged(await change());
    } catch (refused) {
      onError(textOf(refused));
    } finally {
      setBusy(false);
    }
  };
  const chooseRole = (role: Role) => {
    const change = () => api.setRole(person.id, role);
    if (person.id === me.id) onAsk({ ...stepDown(role), person, act: change });
    else if (role === 'owner') onAsk({ ...promote(person.name), person, act: change });
    else void act(change);
  };

  return (
    <>
      <Choice
        label={`Role of ${person.name}`}
        value={(person.role ?? 'member') as Role}
        options={roles}
        disabled={busy || host !== null}
        onChange={chooseRole}
      />
      {person.id !== me.id &&
        (person.disabled ? (
          <Button
            busy={busy}
            aria-label={`Enable ${person.name}`}
            onClick={() => void act(() => api.setDisabled(person.id, false))}
          >
            Enable
          </Button>
        ) : (
          <Button
            aria-label={`Disable ${person.name}`}
            onClick={() => onAsk({ ...disable(person.name), person, act: () => api.setDisabled(person.id, true) })}
          >
            Disable
          </Button>
        ))}
    </>
  );
}

function stepDown(role: Role) {
  return {
    title: 'Give up your own role?',
    text: `You will be a ${role} and can look after the workspace no more. Only another owner can make you an owner again.`,
    action: 'Give it up',
  };
}

function promote(name: string) {
  return {
    title: `Make ${name} an owner?`,
    text: `${name} will be able to do everything that you can, also disable your account.`,
    action: 'Make owner',
  };
}

function disable(name: string) {
  return {
    title: `Disable ${name}?`,
    text: `${name} is signed out everywhere at once and cannot sign in until somebody enables the account again. Their messages stay.`,
    action: 'Disable',
  };
}
