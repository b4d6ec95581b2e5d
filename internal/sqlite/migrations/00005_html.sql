-- What people wrote, rendered; see chat.Renderer.
-- +goose Up
ALTER TABLE messages ADD COLUMN html TEXT NOT NULL DEFAULT ''; -- '' where the body is plain or deleted
ALTER TABLE messages ADD COLUMN renderer INTEGER NOT NULL DEFAULT 0; -- the version of the rules that made html; 0: none has

-- +goose Down
ALTER TABLE messages DROP COLUMN renderer;
ALTER TABLE messages DROP COLUMN html;
