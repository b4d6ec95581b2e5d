import { Component, type ReactNode } from 'react';
import { app } from '../text/app';
import { Button, Card } from '../ui';

/** Shows what to do when a part of the page broke while it was drawn. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) {
      return this.props.children;
    }
    return (
      <Card title={app.broken} sub={app.brokenWhy}>
        <Button variant="main" block autoFocus onClick={() => location.reload()}>
          {app.reload}
        </Button>
      </Card>
    );
  }
}
