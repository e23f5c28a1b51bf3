//! What goes wrong between the component and Microsoft, and what people see of
//! it (facts on Graph, sections 5 and 7).

mod waits;
