import { Component, type ReactNode } from "react";

/** What is shown when the app itself fails: the drafts are in the tab's storage,
 * so a reload loses nothing. React has error boundaries as classes only. */
export class Fault extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state = { error: undefined as Error | undefined };

  static getDerivedStateFromError(error: Error) { return { error }; }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <main className="signin" role="alert">
        <h1>Something broke on this page</h1>
        <p>Your drafts are kept. Reload to go on; if it happens again, tell whoever looks after Deskwire:</p>
        <pre className="fault">{this.state.error.message}</pre>
        <button className="button primary" onClick={() => location.reload()}>Reload</button>
      </main>
    );
  }
}
