import type { RestWorkspace } from '@parley-chat/client';
import { useState } from 'react';
import { useApi } from '../app/api';
import { applyHue } from '../app/theme';
import { Done, FormError, Submit } from '../entry/FormParts';
import formStyles from '../entry/FormParts.module.css';
import { useForm } from '../entry/form';
import { useLoad } from '../entry/load';
import { checkWorkspaceName } from '../entry/rules';
import { Swatches } from '../entry/Swatches';
import { common } from '../text/common';
import { settings as texts } from '../text/settings';
import { Field } from '../ui/Field';
import { Fetched } from './List';
import styles from './Settings.module.css';

/** The workspace's name and colour. */
export function WorkspaceSettings() {
  const api = useApi();
  const workspace = useLoad('workspace', () => api.workspace());
  return <Fetched from={workspace}>{(found) => <WorkspaceForm workspace={found} />}</Fetched>;
}

interface Typed extends Record<string, string> {
  name: string;
}

function WorkspaceForm({ workspace }: { workspace: RestWorkspace }) {
  const api = useApi();
  const [hue, setHue] = useState(workspace.hue);
  const [done, setDone] = useState('');
  const form = useForm<Typed>({
    initial: { name: workspace.name },
    checks: { name: checkWorkspaceName },
    fields: ['name'],
    send: async ({ name }) => {
      setDone('');
      const saved = await api.setWorkspace({ name: name.trim(), hue });
      applyHue(saved.hue);
      setDone(texts.workspaceForm.saved);
    },
  });
  return (
    <form {...form.form} className={`${formStyles.form} ${styles.part}`} aria-label={texts.workspaceForm.form}>
      <Field {...form.field('name')} label={texts.workspaceForm.name} autoComplete="organization" required />
      <Swatches hue={hue} onChange={setHue} />
      <FormError text={form.error} />
      <div className={styles.row}>
        <Submit busy={form.busy} waitUntil={form.waitUntil} block={false}>
          {common.save}
        </Submit>
        <Done text={done} />
      </div>
    </form>
  );
}
