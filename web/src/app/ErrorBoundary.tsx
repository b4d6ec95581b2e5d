import { Component, type ReactNode } from 'react';
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
      <Card
        title="The page stopped working"
        sub="Something in it broke. What you sent is safe on the server; load the page again to go on."
      >
        <Button variant="main" block autoFocus onClick={() => location.reload()}>
          Reload
        </Button>
      </Card>
    );
  }
}
