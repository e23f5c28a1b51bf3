//! What goes wrong between the component and Microsoft, and what people see of
//! it (facts on Graph, sections 5 and 7).

mod batches;
mod budget;
mod evidence;
mod lists;
mod set_aside;
mod skew;
mod sweep;
mod table;
mod waits;
