//! Lowering: trees become the model.
