import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// As in the page, which is served with one.
const base = document.createElement('base');
base.href = '/';
document.head.prepend(base);

afterEach(cleanup);

// A busy machine is no failure.
configure({ asyncUtilTimeout: 15_000 });
