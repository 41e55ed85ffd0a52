var _=class extends Error{name="GpuError"},I=class extends _{name="GpuOutOfMemoryError"},H=class extends _{name="GpuLostError"};function $(t){return t.reduce((e,r)=>e*r,1)}function E(t){return Math.ceil(t/4)*4}function P(t){return t.join("×")}function Q(t,e){return Math.ceil(t/e)}function Le(t){let e=[],r=[],a=new Array(t.length).fill(-1),o=t.map((n,s)=>s).sort((n,s)=>t[s].bytes-t[n].bytes||t[n].first-t[s].first);for(let n of o){let s=t[n],i=r.findLastIndex(c=>c.every(l=>!fr(l,s)));i<0&&(i=e.push(s.bytes)-1,r.push([])),r[i].push(s),a[n]=i}return{assignment:a,sizes:e}}function fr(t,e){return t.first<=e.last&&e.first<=t.last}function Be(t,e){return e==="flat"?$(t)*4:$(t.slice(0,-1))*E(t[t.length-1])*4}function ne(t,e,r){let a=E(e);if(a===e)return r?.set(t),r??t;let o=t.length/e,n=r??new Float32Array(o*a);for(let s=0,i=0,c=0;s<o;s++,c+=a-e)for(let l=0;l<e;l++)n[c++]=t[i++];return n}function Z(t,e){let r=E(e);if(r===e)return t;let a=t.length/r,o=new Float32Array(a*e);for(let n=0,s=0,i=0;n<a;n++,s+=r-e)for(let c=0;c<e;c++)o[i++]=t[s++];return o}var D=64,hr=65535,se=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,r,a={}){if(e.some(s=>!Number.isInteger(s)||s<1))throw new _(`Cannot record the tensor ${r}: its shape ${P(e)} must have positive extents`);let o=a.layout??"image",n={id:this.tensors.length,name:r,shape:e,layout:o,lifetime:a.lifetime??"planned",bytes:Be(e,o),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,r){let a=this.tensor(r,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,r){let a=this.tensor([Math.ceil(r/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,r){this.outputs.set(e,r)}within(e,r){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return r()}finally{this.#t=a}}dispatch(e,r,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(r).join())throw new _(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(r).join()}`);let s=e.params.map(u=>u.split(":")[0]).find(u=>a.params[u]===void 0);if(s)throw new _(`Cannot record ${e.name}: the parameter ${s} is not given`);let i=o.filter(u=>e.bindings[u]==="read_write").map(u=>G(r[u]).tensor);for(let u of o){let{tensor:d}=G(r[u]);if(e.bindings[u]!=="read_write"?i.includes(d):i.filter(m=>m===d).length>1)throw new _(`Cannot record ${e.name}: ${d.name} is bound for reading and writing at once`)}let[c,l]=gr(Math.ceil(a.invocations/(a.workgroup??D)));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:r,workgroups:[c,l,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,r){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let o=this.#r.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>r(o.gradient))})}gradientOf(e){let r=this.#r.get(e);r||this.#r.set(e,r={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=r.written;return r.written=!0,{gradient:r.gradient,accumulate:a}}gradientInput(e,r){this.#r.set(r,{gradient:this.input(e,r.shape),written:!0})}backward(){for(let e of this.#e.splice(0).reverse())e()}};function gr(t){let e=Math.max(1,Math.ceil(t/hr));return[Math.max(1,Math.ceil(t/e)),e]}function G(t){return"tensor"in t?t:{tensor:t,offset:0,size:t.bytes}}function M(t){return t.bytes/16}function De({kernel:t,bindings:e,params:r}){let a=Number(r.accumulate??0)!==0;return Object.entries(e).reduce((o,[n,s])=>{let i=t.bindings[n]==="read_write"&&(a||t.updates?.includes(n));return o+G(s).size*(i?2:1)},0)}var ze=2048,yr=60,Ke=new WeakMap;function vr(t){return t.device.features.has("timestamp-query")}async function We(t,e){if(!vr(t))throw new _("Cannot profile: the adapter has no timestamp queries");let r=await wr(t),a=[];for(let o=0;o<e.length;o+=ze){let n=await Ve(t,e.slice(o,o+ze));for(let s=0;s<n.length;s+=2)a.push(Math.max(0,Number(n[s+1]-n[s])*r))}return a}async function Ve(t,e){let{device:r}=t,a=e.length*2,o=r.createQuerySet({type:"timestamp",count:a}),n=t.buffer("timestamps",a*8,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),s=t.buffer("read timestamps",a*8,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let i=r.createCommandEncoder();return e.forEach((c,l)=>{let u=i.beginComputePass({timestampWrites:{querySet:o,beginningOfPassWriteIndex:l*2,endOfPassWriteIndex:l*2+1}});c(u),u.end()}),i.resolveQuerySet(o,0,a,n,0),i.copyBufferToBuffer(n,0,s,0,a*8),r.queue.submit([i.finish()]),await s.mapAsync(GPUMapMode.READ),t.check(),new BigUint64Array(s.getMappedRange(0,a*8).slice(0))}finally{for(let i of[n,s])t.release(i);o.destroy()}}function wr(t){let e=Ke.get(t);return e||Ke.set(t,e=br(t)),e}async function br(t){let e=async()=>{let o=performance.now(),[n]=await Ve(t,[()=>{}]);return{now:o,start:n}};await e();let r=await e();await new Promise(o=>setTimeout(o,yr));let a=await e();return xr(Number(a.start-r.start),(a.now-r.now)*1e6)}function xr(t,e){let r=e/t;return t>0&&(r<.5||r>2)?r:1}function He(t,{compiled:e,group:r,dispatch:a}){t.setPipeline(e.pipeline),t.setBindGroup(0,r),t.dispatchWorkgroups(...a.workgroups)}var be=256;async function qe(t,e){let r=performance.now();try{return await _r(t,e)}finally{t.times.prepare+=(performance.now()-r)/1e3}}async function _r(t,e){let{device:r}=t;t.check();let a=[];for(let{kernel:d,constants:m}of e.dispatches)a.push(await t.kernel(d,m));r.pushErrorScope("validation"),r.pushErrorScope("out-of-memory");let o=[],n=(d,m,p)=>{let f=t.buffer(d,m,p);return o.push(f),f},s=()=>o.forEach(d=>t.release(d)),i,c;try{let d=kr(e,n),m=new DataView(new ArrayBuffer(e.dispatches.length*be));e.dispatches.forEach(({kernel:h,params:w},y)=>{h.params.forEach((v,g)=>{let[b,x]=v.split(":"),k=y*be+g*4;x==="f32"?m.setFloat32(k,w[b],!0):m.setInt32(k,w[b],!0)})});let p=n("uniforms",Math.max(m.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);t.write(p,0,new Uint32Array(m.buffer));let f=e.dispatches.map((h,w)=>({dispatch:h,compiled:a[w],group:r.createBindGroup({label:h.label,layout:a[w].layout,entries:[{binding:0,resource:{buffer:p,offset:w*be,size:h.kernel.params.length*4}},...Object.values(h.bindings).map((y,v)=>{let{tensor:g,offset:b,size:x}=G(y);return{binding:v+1,resource:{buffer:d.get(g),offset:b,size:x}}})]})}));i=new xe(t,e,f,d,o)}catch(d){c=d}let l=await r.popErrorScope(),u=await r.popErrorScope();if(l?c=new I(`The GPU is out of memory for a plan: ${l.message}`):u&&(c??=new _(`Cannot build a plan: ${u.message}`)),c)throw s(),c;return i}function kr(t,e){let r=new Map,a=new Map;t.dispatches.forEach((u,d)=>{for(let m of Object.values(u.bindings)){let{tensor:p}=G(m);r.has(p)||r.set(p,d),a.set(p,d)}});for(let u of t.outputs.values())a.set(u,t.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,n=new Map,s=t.tensors.filter(u=>{if(u.external)n.set(u,u.external);else if(u.lifetime==="persistent")n.set(u,e(u.name,u.bytes,o));else return r.has(u);return!1}),{assignment:i,sizes:c}=Le(s.map(u=>({bytes:u.bytes,first:r.get(u),last:a.get(u)}))),l=c.map((u,d)=>e(`shared ${d}`,u,o));return s.forEach((u,d)=>n.set(u,l[i[d]])),n}var xe=class{#e;#r;#t;#o;#a;#n=new Map;#i=new Map;#s=!0;constructor(e,r,a,o,n){this.#e=e,this.#r=r,this.#t=a,this.#o=o,this.#a=n}write(e,r){let a=this.#r.inputs.get(e);if(!a)throw new _(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),n=r;if(a.layout==="image"){let s=a.shape[a.shape.length-1],i=this.#i.get(e);if(i||this.#i.set(e,i=new Float32Array(a.bytes/4)),r.length!==a.shape.reduce((c,l)=>c*l,1))throw new _(`Cannot write ${e}: it is ${P(a.shape)}, got ${r.length} values`);n=ne(r,s,i)}this.#e.write(this.#o.get(a),0,n),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),r=this.#e.device.createCommandEncoder(),a=r.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#s||He(a,o);a.end(),this.#e.device.queue.submit([r.finish()]),this.#s=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#s=!0}async read(e){let r=this.#r.outputs.get(e);if(!r)throw new _(`Cannot read ${e}: the plan has no such output`);let{device:a,times:o}=this.#e,n=this.#n.get(e)??await this.#c(e,r),s=performance.now(),i=a.createCommandEncoder();i.copyBufferToBuffer(this.#o.get(r),0,n,0,r.bytes),a.queue.submit([i.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(d){throw this.#e.check(),d}let c=performance.now();o.compute+=(c-s)/1e3;let l=new Float32Array(n.getMappedRange(0,r.bytes).slice(0));n.unmap(),this.#e.check();let u=r.layout==="image"?Z(l,r.shape[r.shape.length-1]):l;return o.download+=(performance.now()-c)/1e3,u}async#c(e,r){let{device:a}=this.#e;a.pushErrorScope("out-of-memory");let o=this.#e.buffer(`read ${e}`,r.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);this.#a.push(o);let n=await a.popErrorScope();if(n)throw new I(`The GPU is out of memory to read ${e}: ${n.message}`);return this.#n.set(e,o),o}describe(){let e=this.#a.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([n,s])=>`${n} ${G(s).tensor.name} ${P(G(s).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,r)=>e+r.size,0)}async profile(){this.#e.check();let e=this.#t.filter(({dispatch:a})=>!a.once||this.#s),r=await We(this.#e,e.map(a=>o=>He(o,a)));return this.#s=!1,e.map(({dispatch:a},o)=>({label:a.label,kernel:a.kernel.name,milliseconds:r[o]/1e6,flops:a.flops,bytes:De(a)}))}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var je={none:0,relu:1,"leaky-relu":2};function Qe(t){return je[t]}var Ye=new WeakMap;function Je(t,e){Ye.set(t,e)}function Sr(t){return Ye.get(t)??"none"}function F(t,e){let r=Sr(t);return{activated:r==="none"?e:t,constants:{ACTIVATION:je[r]}}}var Tr={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},Ar={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Rr={name:"add_grad_both",params:["count","accumulate_a","accumulate_b","activation_a","activation_b"],bindings:{dy:"read",a:"read",b:"read",da:"read_write",db:"read_write"},includes:["activation"]};function Xe(t,e,r,a="add",o=new Set){if(e.shape.join()!==r.shape.join())throw new _(`Cannot record add "${a}": its terms are ${P(e.shape)} and ${P(r.shape)}`);let n=t.tensor(e.shape,a),s=M(n);return t.within(a,()=>{t.dispatch(Tr,{a:e,b:r,y:n},{params:{count:s},invocations:s}),t.gradient(n,i=>{let c=[e,r].filter(d=>!o.has(d)).map(d=>({...t.gradientOf(d),...F(d,i)})),[l,u]=c;if(u&&e!==r){t.dispatch(Rr,{dy:i,a:l.activated,b:u.activated,da:l.gradient,db:u.gradient},{params:{count:s,accumulate_a:Number(l.accumulate),accumulate_b:Number(u.accumulate),activation_a:l.constants.ACTIVATION,activation_b:u.constants.ACTIVATION},invocations:s});return}for(let{gradient:d,accumulate:m,activated:p,constants:f}of c)t.dispatch(Ar,{dy:i,activated:p,dx:d},{params:{count:s,accumulate:Number(m)},constants:f,invocations:s})})}),n}var T=t=>"upsampled"in t?t.upsampled:t,U=t=>"upsampled"in t?1:0,A=t=>E(t.shape[3])/4;function _e(t){let{shape:e}=T(t),r=1<<U(t);return[e[1]*r,e[2]*r]}function ke(t,{name:e,stride:r,outChannels:a}){if(t.length<1||t.length>2)throw new _(`Cannot record conv2d "${e}": it reads one or two inputs, got ${t.length}`);let[o,n]=_e(t[0]),s=T(t[0]).shape[0];for(let i of t){let[c,l]=_e(i),{shape:u}=T(i);if(u.length!==4||c!==o||l!==n||u[0]!==s)throw new _(`Cannot record conv2d "${e}": its inputs are ${P(T(t[0]).shape)} and ${P(u)}`)}if(t.length===2&&U(t[1]))throw new _(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[s,Q(o,r),Q(n,r),a]}function Ze(t,e){let[r,a]=_e(t[0]);return{batch:e.shape[0],height:r,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:t.reduce((o,n)=>o+A(T(n)),0),out4:A(e)}}function et(t,e,{name:r,kernel:a,outChannels:o}){let n=t.map(c=>T(c).shape[3]),s=e.specs.find(c=>c.name===`${r}.weight`),i=[a,a,n.reduce((c,l)=>c+l,0),o];if(!s||s.shape.join()!==i.join()||(s.sources??[i[2]]).join()!==n.join())throw new _(`Cannot record conv2d "${r}": input has ${n.join(" + ")} channels, so the weight is ${P(i)}; got ${s?P(s.shape):"none"}`)}function L({batch:t,out_height:e,out_width:r,options:a,sources:o},n){let s=n??o.reduce((i,c)=>i+T(c).shape[3],0);return 2*t*e*r*a.kernel**2*s*a.outChannels}function W(t,e){return Object.fromEntries(e.map(r=>[r,t[r]]))}function ce(t){return Math.ceil((72*t+2)/16)*16}function le(t){return Math.floor(65536/(ce(t)*16))}var tt={old:16,new:8,gpu:16},Or=512;function Pr(t,e,r){let{llvm:a,software:o}=t,{batch:n,height:s,width:i,kernel:c,stride:l}=e,u=Math.min(e.in4,e.out4),d=c===3&&l===1&&r!=="weight-gradient";if(o){if(a===void 0)return"tile8";let m=a<19;return d&&u>=tt[m?"old":"new"]?"winograd4_tile16":m?"tile8x4":"tile8"}return r==="weight-gradient"?"gemm":d&&u>=tt.gpu?"winograd4":n*s*i/l**2/128>=Or?"gemm128":"gemm"}function ie(t,e,r){if(t==="naive"||t==="gemm"||t==="gemm128")return!0;if(e.kernel!==3||e.stride!==1)return!1;let a=t.startsWith("winograd");return r==="weight-gradient"?!a:a||ce(r==="forward"?e.in4:e.out4)*16<=65536}function rt(t,e,r,a){let o=t==="auto"?Pr(e,r,a):t;return ie(o,r,a)?o:o==="winograd4_tile16"&&ie("tile8",r,a)?"tile8":o==="winograd2"||o==="winograd4"?"gemm":"naive"}var Er=4;function ot(t,e){let{batch:r,height:a,width:o,in4:n,out4:s,kernel:i,stride:c}=t;return`${e} ${r}×${a}×${o} ${n}→${s} ${i}×${i} /${c}`}function Ur(t){let e=/^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)$/.exec(t);if(!e)return;let[r,a,o,n,s,i,c]=e.slice(2).map(Number),l=e[1],u={batch:r,height:a,width:o,in4:n,out4:s,kernel:i,stride:c};return ot(u,l)===t?{layer:u,role:l}:void 0}function nt(t,e,r){if(t.size===0)return"auto";let a=t.get(ot(e,r))??Nr(t,e,r);return a!==void 0&&ie(a,e,r)?a:"auto"}function Nr(t,e,r){let a;for(let[o,n]of t){let s=Ur(o);if(s?.role!==r||!Mr(s.layer,e))continue;let i=Math.abs(Math.log(at(s.layer)/at(e)));i<=Math.log(Er)&&i<(a?.distance??1/0)&&(a={variant:n,distance:i})}return a?.variant}function Mr(t,e){return t.in4===e.in4&&t.out4===e.out4&&t.kernel===e.kernel&&t.stride===e.stride}function at({batch:t,height:e,width:r}){return t*e*r}var $r={name:"conv2d_gemm",params:["batch","rows","columns","height","width","a4","b4","shift","holes","target4","in4","out4","first4","kernel","stride","batch_weights","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},includes:["activation","gemm_tile"],prelude:["M","N","VECS","K4"]},Gr=0,Ir=1,Fr=2,Lr=[{M:64,N:64,VECS:2},{M:64,N:32,VECS:1},{M:128,N:16,VECS:1}],Se={M:128,N:64,VECS:2};function Te(t){let e=({N:r})=>Math.ceil(t/r)*(r+8);return Lr.reduce((r,a)=>e(a)<e(r)?a:r)}function st(t,e,r){let{batch:a,in4:o,out4:n,kernel:s,weight:i,bias:c}=t,l=e.role==="forward",[u,d]=l?[t.out_height,t.out_width]:[t.height,t.width],[m,p=m]=e.sources.map(T),f=l?1:t.stride;ct(t.rec,{a:m,b:p,w:i,bias:c,activated:e.activated,y:e.target},{batch:a,rows:u,columns:d,height:l?t.height:t.out_height*f,width:l?t.width:t.out_width*f,a4:A(m),b4:e.sources[1]?A(p):0,shift:l?U(e.sources[0]):f-1,holes:f-1,target4:A(e.target),in4:o,out4:n,first4:e.first4,kernel:s,stride:l?t.stride:1,batch_weights:0,accumulate:Number(e.accumulate),activation:e.activation},{mode:l?Ir:Gr,large:r,flops:l?L(t):L(t,e.target.shape[3])})}function it(t,{v:e,u:r,m:a},{batch:o,rows:n,source4:s,target4:i}){ct(t,{a:e,b:e,w:r,bias:e,activated:e,y:a},{batch:o,rows:n/8,columns:8,height:n/8,width:8,a4:s,b4:0,shift:0,holes:0,target4:i,in4:s,out4:i,first4:0,kernel:1,stride:1,batch_weights:s*4*i,accumulate:0,activation:0},{mode:Fr,large:n%Se.M===0,flops:2*o*n*s*4*i*4})}function ct(t,e,r,{mode:a,large:o,flops:n}){let{batch:s,rows:i,columns:c,a4:l,b4:u,target4:d}=r,m=Te(d*4),p=o&&m.N===Se.N?Se:m,f=p.N===16||l+u===1?1:2,h=s*Math.ceil(i/(p.M/8))*Math.ceil(c/8);t.dispatch($r,e,{params:r,constants:{...p,K4:f,MODE:a},invocations:h*D,groups:Math.ceil(d*4/p.N),flops:n})}function lt(t){return{name:t,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","blocks","block_vec4s","accumulate","activation"],bindings:{x:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation","conv2d_tile"],prelude:["WORKGROUP"]}}var ut=lt("conv2d_tile8"),dt=lt("conv2d_tile8x4"),pt={name:"conv2d_pack",params:["in4","out4","source4","source_first4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},mt={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},ft={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},ht={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows","slice_vec4s","bias_at"],bindings:{x:"read",dy:"read",partials:"read_write"},prelude:["WORKGROUP"]},gt={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},yt={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};function vt(t,e){let{rec:r,options:a,weight:o,bias:n}=t,{kernel:s,stride:i}=a;if(e.role==="forward"){let[m,p=m]=e.sources.map(T);r.dispatch(mt,{a:m,b:p,w:o,bias:n,y:e.target},{params:{...W(t,["batch","height","width","out_height","out_width","out4"]),a4:A(m),b4:e.sources[1]?A(p):0,a_shift:U(e.sources[0]),kernel:s,stride:i},constants:{ACTIVATION:e.activation},invocations:t.batch*t.out_height*t.out_width*t.out4,flops:L(t)});return}let{target:c,activated:l,first4:u}=e,d=A(c);r.dispatch(ft,{dy:T(e.sources[0]),w:o,activated:l,dx:c},{params:{...W(t,["batch","height","width","out_height","out_width","in4","out4"]),target4:d,first4:u,kernel:s,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:t.batch*t.height*t.width*d,flops:L(t,c.shape[3])})}var Ae={tile8:{height:1,step:2,added:4,dispatch:30},tile8x4:{height:4,step:5,added:15,dispatch:30}},Y=8,Re=globalThis.navigator?.hardwareConcurrency??2;function wt(t,e,r,a,o=Re){let{step:n,added:s,dispatch:i}=Ae[a],c=t,l=1/0;for(let u=1;u<=t;u++){let d=Math.ceil(t/u),m=le(d);if(m<1)continue;let p=0;for(let f=0;f<e;f+=m){let h=r*Math.min(m,e-f);p+=u*i+Math.ceil(h/(Y*o))*(t*n+(u-1)*s)}p<l&&([l,c]=[p,d])}return c}var Br=0,Dr=1,zr=2;function xt(t,e,r){let a=A(e.target),o=Math.ceil(a/2),n=t.batch*Math.ceil(t.height/Ae[r].height)*Math.ceil(t.width/8),s=[],i=0;for(let c of e.sources){let l=A(T(c)),u=t.software?wt(l,o,n,r):l;for(let d=0;d<l;d+=u)s.push({source:c,first4:d,in4:Math.min(u,l-d),place4:i+d});i+=l}s.forEach((c,l)=>Kr(t,e,r,c,{tiles:n,blocks:o,first:l===0,last:l===s.length-1}))}function Kr(t,e,r,{source:a,first4:o,in4:n,place4:s},{tiles:i,blocks:c,first:l,last:u}){let{rec:d,batch:m,height:p,width:f,software:h}=t,w=e.role==="forward",y=T(a),v=A(e.target),g=ce(n),b=le(n),x=!d.training,k=Math.floor((c-1)/b)*b*g*16,S=d.tensor([(k+65536)/4],`${t.options.name}.packed`,{layout:"flat",lifetime:x?"persistent":"planned"});d.dispatch(pt,{weight:t.weight,bias:t.bias,packed:S},{params:{in4:t.in4,out4:t.out4,source4:n,source_first4:s,target4:v,first4:e.first4,block_vec4s:g,count:c*18*n},constants:{FORWARD:Number(w)},invocations:c*18*n,once:x});let C=h?Y:D;for(let O=0;O<c;O+=b){let N=Math.min(b,c-O);d.dispatch(r==="tile8x4"?dt:ut,{x:y,w:{tensor:S,offset:O*g*16,size:65536},activated:e.activated,y:e.target},{params:{batch:m,height:p,width:f,x4:A(y),first4:o,in4:n,shift:U(a),out4:v,first_block:O,blocks:N,block_vec4s:g,accumulate:Number(e.accumulate||!l),activation:u||!w?e.activation:0},constants:{MODE:w?l?Dr:zr:Br,BLOCKS_IN_LANES:Number(h),WORKGROUP:C},invocations:h?i*N:i,groups:h?1:N,workgroup:C,flops:18*m*p*f*n*4*Math.min(N*8,(v-O*2)*4)})}}var Wr={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function ee(t,e,r,a,o=!1){let n=G(r).size/16;t.dispatch(Wr,{partials:e,total:r},{params:{count:n,slices:a,accumulate:Number(o)},invocations:n})}function te(t,e){let r=Math.ceil(t/Math.max(1,Math.min(e,t)));return{slices:Math.ceil(t/r),each:r}}var Vr={name:"conv2d_weight_grad_gemm",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","rows","kernel","stride","across"],bindings:{x:"read",dy:"read",partials:"read_write"},includes:["gemm_tile"],prelude:["M","N","VECS","K4"]},Hr=512,qr=256;function _t(t,e,r){let{rec:a,options:o,in4:n,out4:s,kernel:i,stride:c}=t,l=i**2,u=Te(s*4),d=Math.ceil(s*4/u.N),m=v=>Math.ceil(l*v*4/u.M)*d,p=Math.min(Math.ceil(Hr/m(n)),qr),{slices:f,each:h}=te(t.batch*t.out_height,p),w=a.tensor([f,l,n*4,s*4],`${o.name}.weight partials`,{layout:"flat"}),y=0;for(let v of t.sources){let g=T(v),b=A(g);a.dispatch(Vr,{x:g,dy:e,partials:w},{params:{...W(t,["batch","height","width","out_height","out_width"]),in4:b,out4:s,shift:U(v),first4:y,total4:n,rows:h,kernel:i,stride:c,across:d},constants:{...u,K4:2},invocations:m(b)*D,groups:f,flops:L(t,g.shape[3])}),y+=b}ee(a,w,r.range(a,`${o.name}.weight`,"gradients"),f)}var jr=2048,Qr=16*Y*Re;function kt(t,e){return 3*Math.ceil(t/2)*Math.ceil(e/2)}function St(t,e,r,a){if(a!=="naive"&&a!=="tile8"&&a!=="tile8x4")return _t(t,e,r),!1;let{rec:o,options:n,in4:s,out4:i,software:c}=t,l=a!=="naive",u=n.kernel**2,{slices:d,each:m}=te(t.batch*t.out_height,Math.ceil((l&&c?Qr:jr)/(l?kt(s,i):s*i*u))),[p,f]=[`${n.name}.weight`,`${n.name}.bias`],h=l?r.span(o,p,f,"gradients"):void 0,w=h??r.range(o,p,"gradients"),y=h?w.size/16-i:0,v=o.tensor([d,w.size/4],`${n.name}.weight partials`,{layout:"flat"}),g=c?Y:D,b=0;for(let x of t.sources){let k=T(x),S=A(k),C={out4:i,shift:U(x),in4:S,first4:b,total4:s,slices:d,rows:m},O=L(t,k.shape[3]);l?o.dispatch(ht,{x:k,dy:e,partials:v},{params:{...W(t,["batch","height","width"]),...C,slice_vec4s:w.size/16,bias_at:b===0?y:0},constants:{WORKGROUP:g},invocations:kt(S,i)*d,workgroup:g,flops:O}):o.dispatch(gt,{x:k,dy:e,partials:v},{params:{...W(t,["batch","height","width","out_height","out_width"]),...C,kernel:n.kernel,stride:n.stride},invocations:u*S*i*d,flops:O}),b+=S}return ee(o,v,w,d),h!==void 0}function Tt(t,e,r){let{rec:a,options:o,out4:n}=t,s=t.batch*t.out_height*t.out_width,{slices:i,each:c}=te(s,Math.ceil(256/n)),l=a.tensor([i,n*4],`${o.name}.bias partials`,{layout:"flat"});a.dispatch(yt,{dy:e,partials:l},{params:{pixels:s,out4:n,slices:i,slice_pixels:c},invocations:n*i}),ee(a,l,r.range(a,`${o.name}.bias`,"gradients"),i)}var Yr={name:"winograd_weights",params:["in4","out4","source4","target4","first4"],bindings:{weight:"read",u:"read_write"},prelude:["TILE"]},Jr={name:"winograd_input",params:["height","width","x4","first4","source4","shift","first","count","stored","across","down"],bindings:{x:"read",v:"read_write"},prelude:["TILE"]},Xr={name:"winograd_output",params:["height","width","target4","first","count","stored","across","down","accumulate","activation"],bindings:{m:"read",bias:"read",activated:"read",y:"read_write"},includes:["activation"],prelude:["TILE"]},Zr={name:"winograd_product",params:["parts","rows","source4","target4"],bindings:{v:"read",u:"read",m:"read_write"}},At={winograd2:{tile:2,registers:!1},winograd4:{tile:4,registers:!1},winograd4_tile16:{tile:4,registers:!0}},ea=32*2**20;function ta(t,e,r,a){let o=Math.ceil(t/r),n=Math.max(1,Math.floor(a/(e*r)));return Math.ceil(o/Math.ceil(o/n))*r}function Rt(t,e,{tile:r,registers:a},o=ea){let{rec:n,batch:s,height:i,width:c,in4:l,out4:u,options:d}=t,m=e.sources.reduce((C,O)=>C+A(T(O)),0),p=A(e.target),f=(r+2)**2,h=+(e.role==="forward"),w=!n.training,y=n.tensor([f,m*4,p*4],`${d.name}.winograd weights`,{layout:"flat",lifetime:w?"persistent":"planned"});n.dispatch(Yr,{weight:t.weight,u:y},{params:{in4:l,out4:u,source4:m,target4:p,first4:e.first4},constants:{TILE:r,FORWARD:h},invocations:m*4*p,once:w});let[v,g]=[Math.ceil(c/r),Math.ceil(i/r)],b=s*v*g,x=ta(b,f*(m+p)*16,a?16:64,o),k=n.tensor([f,x,m*4],`${d.name}.winograd inputs`,{layout:"flat"}),S=n.tensor([f,x,p*4],`${d.name}.winograd products`,{layout:"flat"});for(let C=0;C<b;C+=x){let O=Math.min(x,b-C),N={height:i,width:c,first:C,count:O,stored:x,across:v,down:g},z=0;for(let K of e.sources){let B=T(K),V=A(B);n.dispatch(Jr,{x:B,v:k},{params:{...N,x4:V,first4:z,source4:m,shift:U(K)},constants:{TILE:r},invocations:O*V}),z+=V}a?n.dispatch(Zr,{v:k,u:y,m:S},{params:{parts:f,rows:x,source4:m,target4:p},invocations:f*(x/16)*Math.ceil(p/4),flops:2*f*x*m*4*p*4}):it(n,{v:k,u:y,m:S},{batch:f,rows:x,source4:m,target4:p}),n.dispatch(Xr,{m:S,bias:t.bias,activated:e.activated,y:e.target},{params:{...N,target4:p,accumulate:Number(e.accumulate),activation:e.activation},constants:{TILE:r,FORWARD:h},invocations:O*p})}}var ra={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},aa={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Ot=({shape:[t,e,r,a]})=>({batch:t,height:e,width:r,c4:E(a)/4});function Pt(t,e,r,a="up",o=new Set){let[n,s,i,c]=e.shape,l=t.tensor([n,s*2,i*2,c],a);return t.within(a,()=>{t.dispatch(ra,{x:e,y:l},{params:Ot(e),constants:{BILINEAR:+(r==="bilinear")},invocations:M(l)}),o.has(e)?o.add(l):t.gradient(l,u=>Oe(t,u,e,r))}),l}function Oe(t,e,r,a){let{gradient:o,accumulate:n}=t.gradientOf(r),{activated:s,constants:i}=F(r,e);t.dispatch(aa,{dy:e,activated:s,dx:o},{params:{...Ot(r),accumulate:Number(n)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:M(r)})}function Ct(t,e,r,a,{variant:o="auto",withoutGradient:n=new Set}={}){let{name:s,kernel:i,stride:c,activation:l}=a,u=ke(e,a);et(e,r,a);let d=t.tensor(u,s);Je(d,l);let m=r.range(t,`${s}.weight`),p=r.range(t,`${s}.bias`),{software:f}=r.adapter,h={rec:t,sources:e,options:a,y:d,weight:m,bias:p,kernel:i,stride:c,software:f,...Ze(e,d)},w=y=>{let v=o==="auto"?nt(r.choices,h,y):o;return rt(v,r.adapter,h,y)};return t.within(s,()=>{Pe(t,"forward",()=>{Et(h,{role:"forward",sources:e,target:d,activation:Qe(l),activated:T(e[0]),first4:0,accumulate:!1},w("forward"))}),t.gradient(d,y=>{Pe(t,"weight-gradient",()=>{St(h,y,r,w("weight-gradient"))||Tt(h,y,r)});let v=0;for(let g of e){let b=T(g);Pe(t,"input-gradient",()=>{n.has(b)||oa(h,y,g,v,w("input-gradient"))}),v+=A(b)}})}),d}function Pe(t,e,r){t.within(e,r)}function Et(t,e,r){r==="naive"?vt(t,e):r==="tile8"||r==="tile8x4"?xt(t,e,r):r==="gemm"||r==="gemm128"?st(t,e,r==="gemm128"):Rt(t,e,At[r])}function oa(t,e,r,a,o){let{rec:n}=t,s=T(r),i="upsampled"in r?n.tensor([t.batch,t.height,t.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:c,accumulate:l}=i?{gradient:i,accumulate:!1}:n.gradientOf(s),{activated:u,constants:d}=i?{activated:e,constants:{ACTIVATION:0}}:F(s,e);Et(t,{role:"input-gradient",sources:[e],target:c,activation:d.ACTIVATION,activated:u,first4:a,accumulate:l},o),i&&Oe(n,i,s,"nearest")}var na={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},sa={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Ut(t,e,r="pool"){let[a,o,n,s]=e.shape,i=E(s)/4,c=t.tensor([a,Q(o,2),Q(n,2),s],r),l=t.tensor([M(c)],`${r}.argmax`,{layout:"flat"}),u={batch:a,height:o,width:n,c4:i};return t.within(r,()=>{t.dispatch(na,{x:e,y:c,argmax:l},{params:u,invocations:M(c)}),t.gradient(c,d=>{let{gradient:m,accumulate:p}=t.gradientOf(e),{activated:f,constants:h}=F(e,d);t.dispatch(sa,{dy:d,argmax:l,activated:f,dx:m},{params:{...u,accumulate:Number(p)},constants:h,invocations:M(e)})})}),c}var ue=64,de=class{specs;length;#e;#r=new Map;#t=new Map;#o=new WeakMap;constructor(e,r){this.#e=e,this.specs=r;let a=0;for(let o of r){let n=Nt(o);this.#r.set(o.name,{spec:o,offset:a,length:n}),a+=Math.ceil(n/ue)*ue}this.length=a}get adapter(){return this.#e.adapter}get choices(){return this.#e.choices}range(e,r,a="values"){let{offset:o,length:n}=this.#a(r);return{tensor:this.whole(e,a),offset:o*4,size:n*4}}span(e,r,a,o){let n=this.range(e,r,o),s=this.range(e,a,o);return Math.ceil((n.offset+n.size)/4/ue)*ue*4===s.offset?{...n,size:s.offset+s.size-n.offset}:void 0}whole(e,r){let a=this.#o.get(e);a||this.#o.set(e,a=new Map);let o=a.get(r);return o||(o=e.tensor([this.length],`parameters.${r}`,{layout:"flat",lifetime:"persistent",external:this.#n(r)}),a.set(r,o)),o}upload(e,r="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:n}of this.#r.values()){let s=e.get(o.name);if(!s||s.length!==$(o.shape))throw new _(`Cannot upload ${o.name}: it has ${$(o.shape)} values, got ${s?.length??"none"}`);a.set(ca(s,o),n)}this.#e.write(this.#n(r),0,a)}async download(e="values"){let r=this.length*4,{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,r,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let n=a.createCommandEncoder();n.copyBufferToBuffer(this.#n(e),0,o,0,r),a.queue.submit([n.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let s=new Float32Array(o.getMappedRange(0,r).slice(0));return new Map([...this.#r.values()].map(({spec:i,offset:c,length:l})=>[i.name,la(s.subarray(c,c+l),i)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let r=this.#r.get(e);if(!r)throw new _(`Cannot find the parameter ${e}`);return r}#n(e){let r=this.#t.get(e);if(!r){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;r=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,r)}return r}};function ia(t){return t.reduce((e,r)=>e+E(r),0)}function Nt({shape:t,sources:e}){if(t.length===1)return E(t[0]);let[r,a,o,n]=t;return r*a*ia(e??[o])*E(n)}function ca(t,e){let{shape:r,sources:a}=e,o=r[r.length-1],n=ne(t,o);if(r.length===1)return n;let s=E(o),i=new Float32Array(Nt(e));return Mt(r,a,(c,l)=>i.set(n.subarray(c*s,(c+1)*s),l*s)),i}function la(t,e){let{shape:r,sources:a}=e,o=r[r.length-1];if(r.length===1)return Z(t,o).slice(0,o);let n=E(o),s=new Float32Array($(r.slice(0,-1))*n);return Mt(r,a,(i,c)=>s.set(t.subarray(c*n,(c+1)*n),i*n)),Z(s,o).slice()}function Mt(t,e,r){let a=t[0]*t[1],o=0,n=0;for(let s=0;s<a;s++)for(let i of e??[t[2]]){for(let c=0;c<i;c++)r(o++,n+c);n+=E(i)}}var ua={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}},da={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function $t(t,e,r,a="shuffle"){let[o,n,s,i]=e.shape,c=i/r**2;if(!Number.isInteger(c))throw new _(`Cannot record pixel shuffle "${a}": ${P(e.shape)} has no multiple of ${r**2} channels`);let l=t.tensor([o,n*r,s*r,c],a),u={batch:o,height:n,width:s,channels:c,factor:r,x_c4:E(i)/4,y_c4:E(c)/4};return t.within(a,()=>{t.dispatch(ua,{x:e,y:l},{params:u,invocations:M(l)}),t.gradient(l,d=>{let{gradient:m,accumulate:p}=t.gradientOf(e),{activated:f,constants:h}=F(e,d);t.dispatch(da,{dy:d,activated:f,dx:m},{params:{...u,accumulate:Number(p)},constants:h,invocations:M(e)})})}),l}function q(t){let{channels:e,widths:r,encoderBlocks:a,decoderBlocks:o,activation:n,down:s,up:i,residual:c,residualBlocks:l}=t,u=t.scale,d=[],m=[],p=(g,b,x,k,S,C=1,O=3)=>{d.push({op:"conv2d",name:g,inputs:b,output:g,kernel:O,stride:C,inChannels:x,outChannels:k,activation:S});let N=x.reduce((z,K)=>z+K,0);return m.push({name:`${g}.weight`,shape:[O,O,N,k]},{name:`${g}.bias`,shape:[k]}),g},f=(g,b,x)=>{let k=p(g,[b],[x],x,n);return l?(d.push({op:"add",inputs:[b,k],output:`${g}.sum`}),`${g}.sum`):k},h=r.length-1,w=[],y="image",v=e;for(let g=0;g<=h;g++){g>0&&(w.push(y),s==="stride"?(y=p(`down${g}`,[y],[v],r[g],n,2),v=r[g]):(d.push({op:"maxPool",input:y,output:`pool${g}`}),y=`pool${g}`)),y=p(`enc${g}.0`,[y],[v],r[g],n),v=r[g];for(let b=1;b<a[g];b++)y=f(`enc${g}.${b}`,y,v)}for(let g=h-1;g>=0;g--){d.push({op:"upsample",input:y,output:`up${g}`,mode:i}),y=p(`dec${g}.0`,[`up${g}`,w[g]],[v,r[g]],r[g],n),v=r[g];for(let b=1;b<o[g];b++)y=f(`dec${g}.${b}`,y,v)}if(y=p("out",[y],[v],e*u**2,"none"),u!==1&&(d.push({op:"pixelShuffle",input:y,output:"shuffled",factor:u}),y="shuffled"),c){let g="image";for(let b=2;b<=u;b*=2)d.push({op:"upsample",input:g,output:`image.x${b}`,mode:"bilinear"}),g=`image.x${b}`;d.push({op:"add",inputs:[g,y],output:"restored"}),y="restored"}return{nodes:d,parameters:m,output:y}}function Ce(t){let e=new Map([["image",{scale:1,radius:0}]]);for(let r of q(t).nodes){let o=("inputs"in r?r.inputs:[r.input]).map(i=>e.get(i)),n=Math.max(...o.map(i=>i.radius)),s=o[0].scale;r.op==="conv2d"?e.set(r.output,{scale:s*r.stride,radius:n+(r.kernel-1)/2*s}):r.op==="maxPool"?e.set(r.output,{scale:s*2,radius:n+s}):r.op==="upsample"?e.set(r.output,{scale:s/2,radius:n+(r.mode==="nearest"?s/2:s)}):r.op==="pixelShuffle"?e.set(r.output,{scale:s/r.factor,radius:n}):e.set(r.output,{scale:s,radius:n})}return e.get(q(t).output).radius}var pa=[1,2,4];function Gt(t={}){let{base:e=16,depth:r=(t.widths?.length??4)-1,blocks:a=2}=t,o=(l,u,d,m)=>{if(!Number.isInteger(u)||u<d||u>m)throw new RangeError(`Cannot make a U-Net: ${l} must be a whole number from ${d} to ${m}, got ${u}`)};o("base",e,1,512),o("depth",r,0,6),o("blocks",a,1,16);let n={channels:t.channels??3,widths:t.widths??Array.from({length:r+1},(l,u)=>e*2**u),encoderBlocks:t.encoderBlocks??Array(r+1).fill(a),decoderBlocks:t.decoderBlocks??Array(r).fill(a),activation:t.activation??"leaky-relu",down:t.down??"max-pool",up:t.up??"nearest",residual:t.residual??!0,residualBlocks:t.residualBlocks??!0,scale:t.scale??1};if(!pa.includes(n.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${n.scale}`);o("channels",n.channels,1,16);let{widths:s,encoderBlocks:i,decoderBlocks:c}=n;if(s.forEach(l=>o("a width",l,1,4096)),i.forEach(l=>o("a scale's encoder blocks",l,1,16)),c.forEach(l=>o("a scale's decoder blocks",l,1,16)),i.length!==s.length||c.length!==s.length-1)throw new RangeError(`Cannot make a U-Net: ${s.length} widths want ${s.length} encoder and ${s.length-1} decoder block counts, got ${i.length} and ${c.length}`);for(let[l,u,d]of[["activation",n.activation,["none","relu","leaky-relu"]],["down",n.down,["max-pool","stride"]],["up",n.up,["nearest","bilinear"]]])if(!d.includes(u))throw new RangeError(`Cannot make a U-Net: ${l} must be one of ${d.join(", ")}, got ${u}`);return n}function re(t){return 2**(t.widths.length-1)}function It(t,e){let r=q(e),a=new Map(r.nodes.flatMap(o=>o.op==="conv2d"?[[`${o.name}.weight`,o.inChannels]]:[]));return new de(t,r.parameters.map(o=>({...o,sources:a.get(o.name)})))}function Ft(t,e,r,a,o={}){let n=re(r),[,s,i,c]=e.shape;if(s%n||i%n||c!==r.channels)throw new _(`Cannot record the U-Net: the image is ${s}×${i}×${c}, it takes multiples of ${n} and ${r.channels} channels`);let l=q(r),u=new Map([["image",e]]),d=new Set([e]),m=p=>{let f=u.get(p);if("upsampled"in f)throw new _(`Cannot record the U-Net: ${p} is read by more than a convolution`);return f};for(let p of l.nodes)if(p.op==="conv2d"){let f=p.inputs.map(h=>u.get(h));u.set(p.output,Ct(t,f,a,p,{...o,withoutGradient:d}))}else p.op==="maxPool"?u.set(p.output,Ut(t,m(p.input),p.output)):p.op==="add"?u.set(p.output,Xe(t,m(p.inputs[0]),m(p.inputs[1]),p.output,d)):p.op==="pixelShuffle"?u.set(p.output,$t(t,m(p.input),p.factor,p.output)):p.mode==="nearest"?u.set(p.output,{upsampled:m(p.input)}):u.set(p.output,Pt(t,m(p.input),p.mode,p.output,d));return m(l.output)}var ma=2,pe=class{topology;#e;#r;#t=new Map;constructor(e,r){this.topology=r.topology,this.#e=e,this.#r=It(e,r.topology),this.#r.upload(r.parameters)}async predict(e,r){let a=await this.#o(r);return a.write("image",e),a.run(),await a.read("restored")}async#o(e){let r=e.join("×"),a=this.#t.get(r);if(a)return this.#t.delete(r),this.#t.set(r,a),a;let o=new se({training:!1});o.output("restored",Ft(o,o.input("image",e),this.topology,this.#r));let n=await qe(this.#e,o);this.#t.set(r,n);for(let[s,i]of this.#t){if(this.#t.size<=ma)break;this.#t.delete(s),i[Symbol.dispose]()}return n}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var J=class extends Error{name="TileTooLargeError"};function fa(t){return t.software?256:1024}var me=class{topology;device;preferredTile;#e;#r;#t;constructor(e,r,a,o={}){this.topology=r,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=fa(e.adapter),this.#e=e,this.#r=o.owned??!1,this.#t=new pe(e,{topology:r,parameters:a})}async run(e,r,a){try{return await this.#t.predict(e,[1,r,a,this.topology.channels])}catch(o){let n=await this.#e.loss();throw n?new H(n.message,{cause:o}):o instanceof I?new J(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:r,compute:a,download:o}=this.#e.times;return{prepare:e,upload:r,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};var R=class extends Error{name="UserError";constructor(e,r){super(e,r),this.exitCode=r?.exitCode??1}exitCode};var Ee={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate_as(v: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return max(v, vec4f()); }
  if (kind == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn slope_as(y: vec4f, kind: u32) -> vec4f {
  if (kind == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (kind == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}

fn activate(v: vec4f) -> vec4f { return activate_as(v, ACTIVATION); }

fn activation_slope(y: vec4f) -> vec4f { return slope_as(y, ACTIVATION); }
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,add_grad_both:`// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy and db = activation_slope(b) * dy, elementwise
// over vec4 f32; added to what da or db holds where params.accumulate_a or accumulate_b is set. An invocation owns one vec4.
struct Params { count: i32, accumulate_a: i32, accumulate_b: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> a: array<vec4f>;
@group(0) @binding(3) var<storage, read> b: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> da: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> db: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = dy[index];
  var to_a = gradient * slope_as(a[index], params.activation_a);
  if (params.accumulate_a != 0) { to_a += da[index]; }
  da[index] = to_a;
  var to_b = gradient * slope_as(b[index], params.activation_b);
  if (params.accumulate_b != 0) { to_b += db[index]; }
  db[index] = to_b;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_gemm:`// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)] f32; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> activated: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> vec4f {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: vec4f;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)];
  } else {
    v = b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)];
  }
  return select(vec4f(), v, inside && c < params.a4 + params.b4);
}

// Four channels of the source from c on by four of the result; beyond either count zero. As stored: rows of B, or (gradient) its columns.
fn weights(n: i32, tap: i32, c: i32, o: i32) -> Four {
  let inside = o < params.target4 && c < params.a4 + params.b4;
  let kept_o = min(o, params.target4 - 1);
  let kept_c = min(c, params.a4 + params.b4 - 1);
  var at = n * params.batch_weights + (tap * params.in4 + kept_c) * 4 * params.out4 + kept_o;
  if (MODE == 0u) {
    let turned = params.kernel * params.kernel - 1 - tap;
    at = (turned * params.in4 + params.first4 + kept_o) * 4 * params.out4 + kept_c;
  }
  let v = Four(w[at], w[at + params.out4], w[at + 2 * params.out4], w[at + 3 * params.out4]);
  return Four(
    select(vec4f(), v.v0, inside),
    select(vec4f(), v.v1, inside),
    select(vec4f(), v.v2, inside),
    select(vec4f(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    y[at] = activate_as(value, params.activation);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  } else {
    y[at] = value;
  }
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Four) {
  if (row >= params.rows || o >= params.target4) { return; }
  let at = ((n * params.rows + row) * params.columns + column) * params.target4 + o;
  if (column < params.columns) { put(at, f.v0); }
  if (column + 1 < params.columns) { put(at + params.target4, f.v1); }
  if (column + 2 < params.columns) { put(at + 2 * params.target4, f.v2); }
  if (column + 3 < params.columns) { put(at + 3 * params.target4, f.v3); }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.columns + 7) / 8;
  let down = (params.rows + M / 8 - 1) / (M / 8);
  let tile = i32(group.x + group.y * groups.x);
  if (tile >= params.batch * down * across) { return; }
  let column0 = tile % across * 8;
  let row0 = tile / across % down * (M / 8);
  let n = tile / (across * down);
  let o0 = i32(group.z) * COLUMNS;

  // What this invocation fetches: pixels (the first M/4·K4 of them), weights (the next N/4·K4), or nothing.
  let t = i32(local);
  let fetches_pixels = t < QUADS * K4;
  let u = t - QUADS * K4;
  let fetches_weights = !fetches_pixels && u < COLUMNS * K4;
  let vec = select(u / COLUMNS, t % K4, fetches_pixels);
  let place = select(u % COLUMNS, t / K4, fetches_pixels);
  let radius = (params.kernel - 1) / 2;
  let row = (row0 + place / 2) * params.stride - radius;
  let column = (column0 + place % 2 * 4) * params.stride - radius;

  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  var s = Sums();
  if (MODE == 1u) {
    let b0 = bias[min(o0 + o, params.target4 - 1)];
    let b1 = bias[min(o0 + o + ACROSS_N, params.target4 - 1)];
    s = Sums(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
  }

  let steps = (params.a4 + params.b4 + K4 - 1) / K4 * params.kernel * params.kernel;
  var ky = 0;
  var kx = 0;
  var c = vec;
  // Fetched in one round, multiplied in the next: the loads have a whole round of multiply-adds to come back.
  for (var step = -1; step < steps; step++) {
    var held = Four();
    if (step + 1 < steps) {
      if (fetches_pixels) {
        held = transposed(Four(
          pixel(n, row + ky, column + kx, c),
          pixel(n, row + ky, column + params.stride + kx, c),
          pixel(n, row + ky, column + 2 * params.stride + kx, c),
          pixel(n, row + ky, column + 3 * params.stride + kx, c),
        ));
      } else if (fetches_weights) {
        held = weights(n, ky * params.kernel + kx, c, o0 + place);
        if (MODE == 0u) { held = transposed(held); }
      }
      kx++;
      if (kx == params.kernel) {
        kx = 0;
        ky++;
        if (ky == params.kernel) {
          ky = 0;
          c += K4;
        }
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + vec * 4;
      if (fetches_pixels) {
        tile_a[k * QUADS + place] = held.v0;
        tile_a[(k + 1) * QUADS + place] = held.v1;
        tile_a[(k + 2) * QUADS + place] = held.v2;
        tile_a[(k + 3) * QUADS + place] = held.v3;
      } else if (fetches_weights) {
        tile_b[k * COLUMNS + place] = held.v0;
        tile_b[(k + 1) * COLUMNS + place] = held.v1;
        tile_b[(k + 2) * COLUMNS + place] = held.v2;
        tile_b[(k + 3) * COLUMNS + place] = held.v3;
      }
    }
    workgroupBarrier();
  }

  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Four(s.s0, s.s1, s.s2, s.s3));
  store(n, far, first, o0 + o, Four(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Four(s.t0, s.t1, s.t2, s.t3));
    store(n, far, first, o0 + o + ACROSS_N, Four(s.t4, s.t5, s.t6, s.t7));
  }
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8 and conv2d_tile8x4.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 results, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, for the source's channels
// 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results for one tap.
struct Params {
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let half = index & 1;
  let row = index >> 1u;
  let source = row % params.source4;
  let place = row / params.source4;
  let tap = place % 9;
  let block = place / 9;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, params.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = params.source_first4 + source;
  let to = block * params.block_vec4s + row % (9 * params.source4) * 8 + half;
  if (FORWARD == 1u) {
    let at = (tap * params.in4 + channel) * 4 * params.out4 + kept;
    packed[to] = is * weight[at];
    packed[to + 2] = is * weight[at + params.out4];
    packed[to + 4] = is * weight[at + 2 * params.out4];
    packed[to + 6] = is * weight[at + 3 * params.out4];
  } else {
    let at = ((8 - tap) * params.in4 + params.first4 + kept) * 4 * params.out4 + channel;
    let v0 = is * weight[at];
    let v1 = is * weight[at + params.out4];
    let v2 = is * weight[at + 2 * params.out4];
    let v3 = is * weight[at + 3 * params.out4];
    packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
    packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
    packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
    packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
  }
  if (tap == 0 && source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * bias[kept]; }
    packed[block * params.block_vec4s + 72 * params.source4 + half] = value;
  }
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4] f32, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4] f32. Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of \`tiles\` and which block of outputs an invocation owns; \`inside\` is false where there is none.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 1u) { return Place(index % tiles, index / tiles, index < tiles * params.blocks); }
  return Place(index, i32(group.z), index < tiles);
}

// Ten pixels of a row of x, four channels: the eight of the tile and one on either side.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
  v4: vec4f,
  v5: vec4f,
  v6: vec4f,
  v7: vec4f,
  v8: vec4f,
  v9: vec4f,
}
// Eight pixels of a row of y, four channels.
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
}
// A tap's weights of four inputs by four outputs.
struct Tap {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

fn tap(at: i32) -> Tap { return Tap(w[at], w[at + 2], w[at + 4], w[at + 6]); }

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, x0: i32, c: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  return Pixels(
    pixel(base, x0 - 1, c, inside),
    pixel(base, x0, c, inside),
    pixel(base, x0 + 1, c, inside),
    pixel(base, x0 + 2, c, inside),
    pixel(base, x0 + 3, c, inside),
    pixel(base, x0 + 4, c, inside),
    pixel(base, x0 + 5, c, inside),
    pixel(base, x0 + 6, c, inside),
    pixel(base, x0 + 7, c, inside),
    pixel(base, x0 + 8, c, inside),
  );
}

fn mac(sum: vec4f, v: vec4f, t: Tap) -> vec4f {
  return fma(t.i3, vec4f(v.w), fma(t.i2, vec4f(v.z), fma(t.i1, vec4f(v.y), fma(t.i0, vec4f(v.x), sum))));
}

// Adds a row of three taps over a row of pixels.
fn taps(before: Sums, v: Pixels, left: Tap, middle: Tap, right: Tap) -> Sums {
  var s = before;
  s.s0 = mac(s.s0, v.v0, left);
  s.s1 = mac(s.s1, v.v1, left);
  s.s2 = mac(s.s2, v.v2, left);
  s.s3 = mac(s.s3, v.v3, left);
  s.s4 = mac(s.s4, v.v4, left);
  s.s5 = mac(s.s5, v.v5, left);
  s.s6 = mac(s.s6, v.v6, left);
  s.s7 = mac(s.s7, v.v7, left);
  s.s0 = mac(s.s0, v.v1, middle);
  s.s1 = mac(s.s1, v.v2, middle);
  s.s2 = mac(s.s2, v.v3, middle);
  s.s3 = mac(s.s3, v.v4, middle);
  s.s4 = mac(s.s4, v.v5, middle);
  s.s5 = mac(s.s5, v.v6, middle);
  s.s6 = mac(s.s6, v.v7, middle);
  s.s7 = mac(s.s7, v.v8, middle);
  s.s0 = mac(s.s0, v.v2, right);
  s.s1 = mac(s.s1, v.v3, right);
  s.s2 = mac(s.s2, v.v4, right);
  s.s3 = mac(s.s3, v.v5, right);
  s.s4 = mac(s.s4, v.v6, right);
  s.s5 = mac(s.s5, v.v7, right);
  s.s6 = mac(s.s6, v.v8, right);
  s.s7 = mac(s.s7, v.v9, right);
  return s;
}

fn eight(value: vec4f) -> Sums { return Sums(value, value, value, value, value, value, value, value); }

// What y holds, to add to; a pixel outside of the row reads one inside, and is not stored.
fn loaded(at: i32, last: i32) -> Sums {
  return Sums(
    y[at],
    y[at + min(1, last) * params.out4],
    y[at + min(2, last) * params.out4],
    y[at + min(3, last) * params.out4],
    y[at + min(4, last) * params.out4],
    y[at + min(5, last) * params.out4],
    y[at + min(6, last) * params.out4],
    y[at + min(7, last) * params.out4],
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    y[at] = activate_as(value, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores a row of which the pixels up to \`last\` are inside of the image.
fn store(at: i32, last: i32, s: Sums) {
  put(at, s.s0);
  if (last >= 1) { put(at + 1 * params.out4, s.s1); }
  if (last >= 2) { put(at + 2 * params.out4, s.s2); }
  if (last >= 3) { put(at + 3 * params.out4, s.s3); }
  if (last >= 4) { put(at + 4 * params.out4, s.s4); }
  if (last >= 5) { put(at + 5 * params.out4, s.s5); }
  if (last >= 6) { put(at + 6 * params.out4, s.s6); }
  if (last >= 7) { put(at + 7 * params.out4, s.s7); }
}
`,conv2d_tile8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. An eighth of the code of
// conv2d_tile8x4, so it compiles quickly everywhere, and its accumulators fit into the registers of a GPU.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let at_place = place(id, group, groups, params.batch * across * params.height);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = tile / across % params.height;
  let n = tile / (across * params.height);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = eight(w[bias]);
  var s1 = eight(w[bias + 1]);
  if (MODE == 2u) {
    s0 = loaded(at, last);
    s1 = loaded(at + select(0, 1, two), last);
  }

  let step = params.in4 * 8;
  for (var c = 0; c < params.in4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let row = y0 + ky - 1;
      if (row < 0 || row >= params.height) { continue; }
      let v = pixels(n, row, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
    }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this).
// An invocation owns 8×4 pixels by 8 outputs: 64 vec4 accumulators, no barrier, no workgroup memory. On a software adapter a load
// of a vec4 costs as much as twenty multiply-adds of one, whatever it is loaded from: so the tile is large, every pixel and weight
// is loaded once for each four inputs, and the sums spill to the stack, which is cheap. A compiler that takes long over straight code
// (SwiftShader's: minutes) is better served by conv2d_tile8.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  if (!at_place.inside) { return; }
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  let block = at_place.block * params.block_vec4s;
  let out = (params.first_block + at_place.block) * 2;
  let two = out + 1 < params.out4;
  let last = min(7, params.width - 1 - x0);
  let row_vec4s = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s00 = eight(w[bias]);
  var s01 = eight(w[bias + 1]);
  var s10 = eight(w[bias]);
  var s11 = eight(w[bias + 1]);
  var s20 = eight(w[bias]);
  var s21 = eight(w[bias + 1]);
  var s30 = eight(w[bias]);
  var s31 = eight(w[bias + 1]);
  if (MODE == 2u) {
    // Rows and outputs outside read inside, and are not stored.
    let more = select(0, 1, two);
    s00 = loaded(at, last);
    s01 = loaded(at + more, last);
    s10 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s, last);
    s11 = loaded(at + min(1, params.height - 1 - y0) * row_vec4s + more, last);
    s20 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s, last);
    s21 = loaded(at + min(2, params.height - 1 - y0) * row_vec4s + more, last);
    s30 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s, last);
    s31 = loaded(at + min(3, params.height - 1 - y0) * row_vec4s + more, last);
  }

  for (var c = 0; c < params.in4; c++) {
    let first = block + c * 8;
    let step = params.in4 * 8;
    let w000 = tap(first);
    let w001 = tap(first + 1);
    let w010 = tap(first + step);
    let w011 = tap(first + step + 1);
    let w020 = tap(first + 2 * step);
    let w021 = tap(first + 2 * step + 1);
    let w100 = tap(first + 3 * step);
    let w101 = tap(first + 3 * step + 1);
    let w110 = tap(first + 4 * step);
    let w111 = tap(first + 4 * step + 1);
    let w120 = tap(first + 5 * step);
    let w121 = tap(first + 5 * step + 1);
    let w200 = tap(first + 6 * step);
    let w201 = tap(first + 6 * step + 1);
    let w210 = tap(first + 7 * step);
    let w211 = tap(first + 7 * step + 1);
    let w220 = tap(first + 8 * step);
    let w221 = tap(first + 8 * step + 1);
    let v0 = pixels(n, y0 - 1, x0, c);
    s00 = taps(s00, v0, w000, w010, w020);
    s01 = taps(s01, v0, w001, w011, w021);
    let v1 = pixels(n, y0, x0, c);
    s00 = taps(s00, v1, w100, w110, w120);
    s01 = taps(s01, v1, w101, w111, w121);
    s10 = taps(s10, v1, w000, w010, w020);
    s11 = taps(s11, v1, w001, w011, w021);
    let v2 = pixels(n, y0 + 1, x0, c);
    s00 = taps(s00, v2, w200, w210, w220);
    s01 = taps(s01, v2, w201, w211, w221);
    s10 = taps(s10, v2, w100, w110, w120);
    s11 = taps(s11, v2, w101, w111, w121);
    s20 = taps(s20, v2, w000, w010, w020);
    s21 = taps(s21, v2, w001, w011, w021);
    let v3 = pixels(n, y0 + 2, x0, c);
    s10 = taps(s10, v3, w200, w210, w220);
    s11 = taps(s11, v3, w201, w211, w221);
    s20 = taps(s20, v3, w100, w110, w120);
    s21 = taps(s21, v3, w101, w111, w121);
    s30 = taps(s30, v3, w000, w010, w020);
    s31 = taps(s31, v3, w001, w011, w021);
    let v4 = pixels(n, y0 + 3, x0, c);
    s20 = taps(s20, v4, w200, w210, w220);
    s21 = taps(s21, v4, w201, w211, w221);
    s30 = taps(s30, v4, w100, w110, w120);
    s31 = taps(s31, v4, w101, w111, w121);
    let v5 = pixels(n, y0 + 4, x0, c);
    s30 = taps(s30, v5, w200, w210, w220);
    s31 = taps(s31, v5, w201, w211, w221);
  }

  store(at, last, s00);
  if (two) { store(at + 1, last, s01); }
  if (y0 + 1 < params.height) {
    store(at + row_vec4s, last, s10);
    if (two) { store(at + row_vec4s + 1, last, s11); }
  }
  if (y0 + 2 < params.height) {
    store(at + 2 * row_vec4s, last, s20);
    if (two) { store(at + 2 * row_vec4s + 1, last, s21); }
  }
  if (y0 + 3 < params.height) {
    store(at + 3 * row_vec4s, last, s30);
    if (two) { store(at + 3 * row_vec4s + 1, last, s31); }
  }
}
`,conv2d_weight_grad_gemm:`// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order, so the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> vec4f {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4];
  return select(vec4f(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> vec4f {
  let v = dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)];
  return select(vec4f(), v, column < params.out_width && o < params.out4);
}

// Stores four inputs of a tap by four outputs, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Four) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  partials[at] = f.v0;
  partials[at + params.out4] = f.v1;
  partials[at + 2 * params.out4] = f.v2;
  partials[at + 3 * params.out4] = f.v3;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let quad0 = i32(group.x) / params.across * QUADS;
  let o0 = i32(group.x) % params.across * COLUMNS;
  let slice = i32(group.z);
  let t = i32(local);
  let m = t / ACROSS_N;
  let o = t % ACROSS_N;
  // Each fetches of one pixel of eight: every eighth quad of rows, and every eighth vec4 of columns.
  let px = t / 8;
  let lane = t % 8;
  let first_row = slice * params.rows;
  let last_row = min(first_row + params.rows, params.batch * params.out_height);
  let a_row = (params.out_width + 7) / 8;
  let steps = (last_row - first_row) * a_row;

  var s = Sums();
  var row = first_row;
  var column = 0;
  for (var step = -1; step < steps; step++) {
    var a = Four();
    var b0 = vec4f();
    var b1 = vec4f();
    if (step + 1 < steps) {
      let n = row / params.out_height;
      let y = row % params.out_height;
      a.v0 = input(n, y, column + px, quad0 + lane);
      a.v1 = input(n, y, column + px, quad0 + lane + 8);
      if (QUADS == 32) {
        a.v2 = input(n, y, column + px, quad0 + lane + 16);
        a.v3 = input(n, y, column + px, quad0 + lane + 24);
      }
      // The input may be inside where the pixel of dy is not: one of the factors is zero there.
      b0 = gradient(row, column + px, o0 + lane);
      if (COLUMNS == 16) { b1 = gradient(row, column + px, o0 + lane + 8); }
      column += 8;
      if (column >= params.out_width) {
        column = 0;
        row++;
      }
    }
    if (step >= 0) { multiply(&s, step & 1, m, o); }
    if (step + 1 < steps) {
      let k = ((step + 1) & 1) * STEPS + px;
      tile_a[k * QUADS + lane] = a.v0;
      tile_a[k * QUADS + lane + 8] = a.v1;
      if (QUADS == 32) {
        tile_a[k * QUADS + lane + 16] = a.v2;
        tile_a[k * QUADS + lane + 24] = a.v3;
      }
      if (lane < COLUMNS) { tile_b[k * COLUMNS + lane] = b0; }
      if (COLUMNS == 16) { tile_b[k * COLUMNS + lane + 8] = b1; }
    }
    workgroupBarrier();
  }

  store(slice, quad0 + m, o0 + o, Four(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Four(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Four(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Four(s.t4, s.t5, s.t6, s.t7));
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: slices of params.slice_vec4s vec4 f32: [9][all inputs, 4·total4][out4], then, where params.bias_at is not 0, zeros up to there and
// the bias gradient [out4], the sum of dy, which is read here anyway. sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 8 inputs by 8 outputs for one row of taps (48 vec4 accumulators) and walks the rows of its slice from left to
// right, two pixels at a time: each column of x is loaded once and used for three taps, each sum is read and written once for two
// products. Where a count of vec4s is odd, the half that is missing is computed from its neighbour and not stored.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of two pixels: v are four inputs, d four outputs.
fn add(s: Sums, v0: vec4f, v1: vec4f, d0: vec4f, d1: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v1.x), d1, fma(vec4f(v0.x), d0, s.i0)),
    fma(vec4f(v1.y), d1, fma(vec4f(v0.y), d0, s.i1)),
    fma(vec4f(v1.z), d1, fma(vec4f(v0.z), d0, s.i2)),
    fma(vec4f(v1.w), d1, fma(vec4f(v0.w), d0, s.i3)),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.in4 + c], inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), dy[(base + kept) * params.out4 + o], column == kept);
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let in_pairs = (params.in4 + 1) / 2;
  let out_pairs = (params.out4 + 1) / 2;
  let blocks = 3 * in_pairs * out_pairs;
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let block = index % blocks;
  let o0 = (block % out_pairs) * 2;
  let o1 = min(o0 + 1, params.out4 - 1);
  let c0 = (block / out_pairs % in_pairs) * 2;
  let c1 = min(c0 + 1, params.in4 - 1);
  let ky = block / (out_pairs * in_pairs);

  var s000 = Sums();
  var s001 = Sums();
  var s010 = Sums();
  var s011 = Sums();
  var s100 = Sums();
  var s101 = Sums();
  var s110 = Sums();
  var s111 = Sums();
  var s200 = Sums();
  var s201 = Sums();
  var s210 = Sums();
  var s211 = Sums();
  var bias0 = vec4f();
  var bias1 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * params.height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / params.height;
    let y = row % params.height + ky - 1;
    let kept = clamp(y, 0, params.height - 1);
    let inside = y == kept;
    let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
    let dy_base = row * params.width;
    // Columns column - 1 and column of x.
    var l0 = vec4f();
    var l1 = vec4f();
    var m0 = pixel(base, 0, c0, inside);
    var m1 = pixel(base, 0, c1, inside);
    for (var column = 0; column < params.width; column += 2) {
      let d00 = gradient(dy_base, column, o0);
      let d01 = gradient(dy_base, column, o1);
      let d10 = gradient(dy_base, column + 1, o0);
      let d11 = gradient(dy_base, column + 1, o1);
      let r0 = pixel(base, column + 1, c0, inside);
      let r1 = pixel(base, column + 1, c1, inside);
      let e0 = pixel(base, column + 2, c0, inside);
      let e1 = pixel(base, column + 2, c1, inside);
      bias0 += d00 + d10;
      bias1 += d01 + d11;
      s000 = add(s000, l0, m0, d00, d10);
      s001 = add(s001, l0, m0, d01, d11);
      s010 = add(s010, l1, m1, d00, d10);
      s011 = add(s011, l1, m1, d01, d11);
      s100 = add(s100, m0, r0, d00, d10);
      s101 = add(s101, m0, r0, d01, d11);
      s110 = add(s110, m1, r1, d00, d10);
      s111 = add(s111, m1, r1, d01, d11);
      s200 = add(s200, r0, e0, d00, d10);
      s201 = add(s201, r0, e0, d01, d11);
      s210 = add(s210, r1, e1, d00, d10);
      s211 = add(s211, r1, e1, d01, d11);
      l0 = r0;
      l1 = r1;
      m0 = e0;
      m1 = e1;
    }
  }

  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + ky * 3 * tap + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4;
  let second = at + c1 * 4 * params.out4;
  store(first + 0 * tap + o0, s000);
  store(first + 1 * tap + o0, s100);
  store(first + 2 * tap + o0, s200);
  if (o1 != o0) {
    store(first + 0 * tap + o1, s001);
    store(first + 1 * tap + o1, s101);
    store(first + 2 * tap + o1, s201);
  }
  if (c1 != c0) {
    store(second + 0 * tap + o0, s010);
    store(second + 1 * tap + o0, s110);
    store(second + 2 * tap + o0, s210);
    if (o1 != o0) {
      store(second + 0 * tap + o1, s011);
      store(second + 1 * tap + o1, s111);
      store(second + 2 * tap + o1, s211);
    }
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && ky == 0 && c0 == 0) {
    let bias = slice * params.slice_vec4s + params.bias_at;
    partials[bias + o0] = bias0;
    if (o1 != o0) { partials[bias + o1] = bias1; }
    if (o0 == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias; i++) { partials[i] = vec4f(); }
    }
  }
}
`,gemm_tile:`// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after \`const M\`, \`N\`, \`VECS\` and \`K4\` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<vec4f, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<vec4f, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
  s4: vec4f,
  s5: vec4f,
  s6: vec4f,
  s7: vec4f,
  t0: vec4f,
  t1: vec4f,
  t2: vec4f,
  t3: vec4f,
  t4: vec4f,
  t5: vec4f,
  t6: vec4f,
  t7: vec4f,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

fn transposed(f: Four) -> Four {
  return Four(
    vec4f(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    vec4f(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    vec4f(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    vec4f(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = tile_a[k * QUADS + m];
    let a1 = tile_a[k * QUADS + m + ACROSS_M];
    let b0 = tile_b[k * COLUMNS + n];
    (*s).s0 = fma(vec4f(a0.x), b0, (*s).s0);
    (*s).s1 = fma(vec4f(a0.y), b0, (*s).s1);
    (*s).s2 = fma(vec4f(a0.z), b0, (*s).s2);
    (*s).s3 = fma(vec4f(a0.w), b0, (*s).s3);
    (*s).s4 = fma(vec4f(a1.x), b0, (*s).s4);
    (*s).s5 = fma(vec4f(a1.y), b0, (*s).s5);
    (*s).s6 = fma(vec4f(a1.z), b0, (*s).s6);
    (*s).s7 = fma(vec4f(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N];
      (*s).t0 = fma(vec4f(a0.x), b1, (*s).t0);
      (*s).t1 = fma(vec4f(a0.y), b1, (*s).t1);
      (*s).t2 = fma(vec4f(a0.z), b1, (*s).t2);
      (*s).t3 = fma(vec4f(a0.w), b1, (*s).t3);
      (*s).t4 = fma(vec4f(a1.x), b1, (*s).t4);
      (*s).t5 = fma(vec4f(a1.y), b1, (*s).t5);
      (*s).t6 = fma(vec4f(a1.z), b1, (*s).t6);
      (*s).t7 = fma(vec4f(a1.w), b1, (*s).t7);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C] f32, y: [N,f·H,f·W,C] f32; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let factor = params.factor;
  if (index >= params.batch * params.height * params.width * factor * factor * params.y_c4) { return; }
  let c = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % (params.width * factor);
  let row = (pixel / (params.width * factor)) % (params.height * factor);
  let n = pixel / (params.width * params.height * factor * factor);
  let place = (row % factor) * factor + column % factor;
  let coarse = (n * params.height + row / factor) * params.width + column / factor;
  let start = coarse * 4 * params.x_c4 + place * params.channels + c;
  let left = params.channels - c;
  y[index] = vec4f(
    x[start],
    select(0.0, x[start + min(1, left - 1)], left > 1),
    select(0.0, x[start + min(2, left - 1)], left > 2),
    select(0.0, x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C] f32, activated: the shuffled tensor x, dx: [N,H,W,f²·C] f32, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return dy[fine * 4 * params.y_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.x_c4) { return; }
  let k = 4 * (index % params.x_c4);
  let pixel = index / params.x_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  var gradient = vec4f(
    gradient_of(n, row, column, k),
    gradient_of(n, row, column, k + 1),
    gradient_of(n, row, column, k + 2),
    gradient_of(n, row, column, k + 3),
  );
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,probe_copy:`// Probe of the adapter's memory: copy = source, both [count] vec4 f32. An invocation owns one vec4, neighbours own neighbours.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  copy[index] = source[index];
}
`,probe_fma:`// Probe of the adapter's rate of multiply-adds: sixteen chains of vec4 fma that stay in registers, \`rounds\` × 64 of them an invocation.
// a ← a·x + y converges, so nothing overflows and nothing is known before the kernel runs. sink: [count] vec4 f32, only so that the work
// has a result. An invocation owns one vec4 of it.
struct Params { count: i32 }
struct Work { rounds: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> work: Work;
@group(0) @binding(2) var<storage, read_write> sink: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let seed = f32(index % 1024) / 1024.0;
  let x = vec4f(0.5, 0.25, 0.75, 0.125) * (seed + 0.25);
  let y = vec4f(0.1, 0.2, 0.3, 0.4);
  var a0 = x; var a1 = x + 1.0; var a2 = x + 2.0; var a3 = x + 3.0;
  var a4 = x + 4.0; var a5 = x + 5.0; var a6 = x + 6.0; var a7 = x + 7.0;
  var a8 = x + 8.0; var a9 = x + 9.0; var a10 = x + 10.0; var a11 = x + 11.0;
  var a12 = x + 12.0; var a13 = x + 13.0; var a14 = x + 14.0; var a15 = x + 15.0;
  let rounds = i32(work.rounds);
  for (var i = 0; i < rounds; i++) {
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
    a0 = fma(a0, x, y); a1 = fma(a1, x, y); a2 = fma(a2, x, y); a3 = fma(a3, x, y);
    a4 = fma(a4, x, y); a5 = fma(a5, x, y); a6 = fma(a6, x, y); a7 = fma(a7, x, y);
    a8 = fma(a8, x, y); a9 = fma(a9, x, y); a10 = fma(a10, x, y); a11 = fma(a11, x, y);
    a12 = fma(a12, x, y); a13 = fma(a13, x, y); a14 = fma(a14, x, y); a15 = fma(a15, x, y);
  }
  sink[index] = a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13 + a14 + a15;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,winograd_input:`// Tiles of an image for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// x: one source [N,H,W,4·x4] f32, of half the size when params.shift = 1 (nearest upsampling by the address), its channels from
// 4·first4 on among the 4·source4. v: [(TILE+2)²][params.stored tiles][4·source4]: tiles first .. first + count of the image, by rows.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, x4: i32, first4: i32, source4: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> v: array<vec4f>;

// Six values: pixels of a row, or what becomes of them. Of F(2×2, 3×3) the first four.
struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// Bᵀ times a column.
fn spread(d: Six) -> Six {
  if (TILE == 2) { return Six(d.x0 - d.x2, d.x1 + d.x2, d.x2 - d.x1, d.x1 - d.x3, vec4f(), vec4f()); }
  return Six(
    4.0 * d.x0 - 5.0 * d.x2 + d.x4,
    (d.x4 - 4.0 * d.x2) + (d.x3 - 4.0 * d.x1),
    (d.x4 - 4.0 * d.x2) - (d.x3 - 4.0 * d.x1),
    (d.x4 - d.x2) + 2.0 * (d.x3 - d.x1),
    (d.x4 - d.x2) - 2.0 * (d.x3 - d.x1),
    4.0 * d.x1 - 5.0 * d.x3 + d.x5,
  );
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = clamp(column, 0, params.width - 1);
  return select(vec4f(), x[(base + (kept >> params.shift)) * params.x4 + c], inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  var d = Six();
  d.x0 = pixel(base, column, c, inside);
  d.x1 = pixel(base, column + 1, c, inside);
  d.x2 = pixel(base, column + 2, c, inside);
  d.x3 = pixel(base, column + 3, c, inside);
  if (TILE == 4) {
    d.x4 = pixel(base, column + 4, c, inside);
    d.x5 = pixel(base, column + 5, c, inside);
  }
  return d;
}

fn store(column: i32, at: i32, step: i32, d: Six) {
  let s = spread(d);
  v[at + column * step] = s.x0;
  v[at + (TILE + 2 + column) * step] = s.x1;
  v[at + (2 * (TILE + 2) + column) * step] = s.x2;
  v[at + (3 * (TILE + 2) + column) * step] = s.x3;
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = s.x4;
    v[at + (5 * (TILE + 2) + column) * step] = s.x5;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count * params.x4) { return; }
  let c = index % params.x4;
  let place = index / params.x4;
  let tile = params.first + place;
  let column = tile % params.across * TILE - 1;
  let row = tile / params.across % params.down * TILE - 1;
  let n = tile / (params.across * params.down);

  let r0 = spread(pixels(n, row, column, c));
  let r1 = spread(pixels(n, row + 1, column, c));
  let r2 = spread(pixels(n, row + 2, column, c));
  let r3 = spread(pixels(n, row + 3, column, c));
  var r4 = Six();
  var r5 = Six();
  if (TILE == 4) {
    r4 = spread(pixels(n, row + 4, column, c));
    r5 = spread(pixels(n, row + 5, column, c));
  }
  let step = params.stored * params.source4;
  let at = place * params.source4 + params.first4 + c;
  store(0, at, step, Six(r0.x0, r1.x0, r2.x0, r3.x0, r4.x0, r5.x0));
  store(1, at, step, Six(r0.x1, r1.x1, r2.x1, r3.x1, r4.x1, r5.x1));
  store(2, at, step, Six(r0.x2, r1.x2, r2.x2, r3.x2, r4.x2, r5.x2));
  store(3, at, step, Six(r0.x3, r1.x3, r2.x3, r3.x3, r4.x3, r5.x3));
  if (TILE == 4) {
    store(4, at, step, Six(r0.x4, r1.x4, r2.x4, r3.x4, r4.x4, r5.x4));
    store(5, at, step, Six(r0.x5, r1.x5, r2.x5, r3.x5, r4.x5, r5.x5));
  }
}
`,winograd_output:`// The result of a convolution from its products in the space of Winograd F(TILE×TILE, 3×3): Y = Aᵀ M A, then bias and activation
// (FORWARD 1), or the slope of the activation at \`activated\`, added to what y holds when params.accumulate is set (FORWARD 0).
// m: [(TILE+2)²][params.stored tiles][4·target4] f32, tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4] f32.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

override FORWARD: u32 = 1u;

struct Four {
  y0: vec4f,
  y1: vec4f,
  y2: vec4f,
  y3: vec4f,
}

// Aᵀ times a column of six; of F(2×2, 3×3) four go in and two come out.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Four {
  if (TILE == 2) { return Four(m0 + m1 + m2, m1 - m2 - m3, vec4f(), vec4f()); }
  let even = m1 + m2;
  let odd = m1 - m2;
  let far_even = m3 + m4;
  let far_odd = m3 - m4;
  return Four(
    m0 + even + far_even,
    odd + 2.0 * far_odd,
    even + 4.0 * far_even,
    odd + 8.0 * far_odd + m5,
  );
}

// A row of m, gathered.
fn row_of(i: i32, at: i32, step: i32) -> Four {
  let first = at + i * (TILE + 2) * step;
  var far4 = vec4f();
  var far5 = vec4f();
  if (TILE == 4) {
    far4 = m[first + 4 * step];
    far5 = m[first + 5 * step];
  }
  return gather(m[first], m[first + step], m[first + 2 * step], m[first + 3 * step], far4, far5);
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    y[at] = activate_as(value + added, params.activation);
  } else {
    var gradient = value * slope_as(activated[at], params.activation);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

// Stores those of a column of results that are inside of the image.
fn put_column(at: i32, row: i32, column: i32, f: Four, added: vec4f) {
  if (column >= params.width) { return; }
  let down = params.width * params.target4;
  put(at, f.y0, added);
  if (row + 1 < params.height) { put(at + down, f.y1, added); }
  if (TILE == 4) {
    if (row + 2 < params.height) { put(at + 2 * down, f.y2, added); }
    if (row + 3 < params.height) { put(at + 3 * down, f.y3, added); }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count * params.target4) { return; }
  let c = index % params.target4;
  let tile = params.first + index / params.target4;
  let column = tile % params.across * TILE;
  let row = tile / params.across % params.down * TILE;
  let n = tile / (params.across * params.down);

  let step = params.stored * params.target4;
  let r0 = row_of(0, index, step);
  let r1 = row_of(1, index, step);
  let r2 = row_of(2, index, step);
  let r3 = row_of(3, index, step);
  var r4 = Four();
  var r5 = Four();
  if (TILE == 4) {
    r4 = row_of(4, index, step);
    r5 = row_of(5, index, step);
  }
  var added = vec4f();
  if (FORWARD == 1u) { added = bias[c]; }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
`,winograd_product:`// Products in the space of Winograd's tiles without workgroup memory, for adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of 16.
// An invocation owns 16 rows by 16 columns (64 vec4 accumulators): 32 loads for 256 multiply-adds of vec4s.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Sixteen rows, four channels.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
  r8: vec4f,
  r9: vec4f,
  r10: vec4f,
  r11: vec4f,
  r12: vec4f,
  r13: vec4f,
  r14: vec4f,
  r15: vec4f,
}

// Sixteen rows of v.
fn rows(at: i32) -> Rows {
  return Rows(
    v[at + 0 * params.source4],
    v[at + 1 * params.source4],
    v[at + 2 * params.source4],
    v[at + 3 * params.source4],
    v[at + 4 * params.source4],
    v[at + 5 * params.source4],
    v[at + 6 * params.source4],
    v[at + 7 * params.source4],
    v[at + 8 * params.source4],
    v[at + 9 * params.source4],
    v[at + 10 * params.source4],
    v[at + 11 * params.source4],
    v[at + 12 * params.source4],
    v[at + 13 * params.source4],
    v[at + 14 * params.source4],
    v[at + 15 * params.source4],
  );
}

fn mac(sum: vec4f, x: vec4f, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> vec4f {
  return fma(i3, vec4f(x.w), fma(i2, vec4f(x.z), fma(i1, vec4f(x.y), fma(i0, vec4f(x.x), sum))));
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(s: Rows, x: Rows, at: i32) -> Rows {
  let i0 = u[at];
  let i1 = u[at + params.target4];
  let i2 = u[at + 2 * params.target4];
  let i3 = u[at + 3 * params.target4];
  return Rows(
    mac(s.r0, x.r0, i0, i1, i2, i3),
    mac(s.r1, x.r1, i0, i1, i2, i3),
    mac(s.r2, x.r2, i0, i1, i2, i3),
    mac(s.r3, x.r3, i0, i1, i2, i3),
    mac(s.r4, x.r4, i0, i1, i2, i3),
    mac(s.r5, x.r5, i0, i1, i2, i3),
    mac(s.r6, x.r6, i0, i1, i2, i3),
    mac(s.r7, x.r7, i0, i1, i2, i3),
    mac(s.r8, x.r8, i0, i1, i2, i3),
    mac(s.r9, x.r9, i0, i1, i2, i3),
    mac(s.r10, x.r10, i0, i1, i2, i3),
    mac(s.r11, x.r11, i0, i1, i2, i3),
    mac(s.r12, x.r12, i0, i1, i2, i3),
    mac(s.r13, x.r13, i0, i1, i2, i3),
    mac(s.r14, x.r14, i0, i1, i2, i3),
    mac(s.r15, x.r15, i0, i1, i2, i3),
  );
}

fn store(at: i32, s: Rows) {
  m[at + 0 * params.target4] = s.r0;
  m[at + 1 * params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
  m[at + 8 * params.target4] = s.r8;
  m[at + 9 * params.target4] = s.r9;
  m[at + 10 * params.target4] = s.r10;
  m[at + 11 * params.target4] = s.r11;
  m[at + 12 * params.target4] = s.r12;
  m[at + 13 * params.target4] = s.r13;
  m[at + 14 * params.target4] = s.r14;
  m[at + 15 * params.target4] = s.r15;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let across = (params.target4 + 3) / 4;
  let down = params.rows / 16;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  // Beyond the last column the one before is computed again, and not stored.
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let row = index / across * 16;
  let part = index / (across * down);

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  for (var c = 0; c < params.source4; c++) {
    let x = rows(row * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + o0);
    s1 = add(s1, x, at + o1);
    s2 = add(s2, x, at + o2);
    s3 = add(s3, x, at + o3);
  }
  let first = row * params.target4;
  store(first + o0, s0);
  if (o1 != o0) { store(first + o1, s1); }
  if (o2 != o1) { store(first + o2, s2); }
  if (o3 != o2) { store(first + o3, s3); }
}
`,winograd_weights:`// Weights of a 3×3 convolution for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs; u: [(TILE+2)²][4·source4][target4] vec4 over channels of the result.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> u: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

fn tap(index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return weight[(index * params.in4 * 4 + source) * params.out4 + result]; }
  let first = result * 4;
  return vec4f(
    turned(index, first, source), turned(index, first + 1, source),
    turned(index, first + 2, source), turned(index, first + 3, source),
  );
}

// Three values through G: six of them, of F(2×2, 3×3) the first four.
struct Six {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
  g3: vec4f,
  g4: vec4f,
  g5: vec4f,
}

fn spread(a: vec4f, b: vec4f, c: vec4f) -> Six {
  if (TILE == 2) { return Six(a, (a + b + c) / 2.0, (a - b + c) / 2.0, c, vec4f(), vec4f()); }
  let even = (a + 4.0 * c) / 24.0;
  return Six(a / 4.0, -(a + b + c) / 6.0, -(a - b + c) / 6.0, even + b / 12.0, even - b / 12.0, c);
}

// Stores row i of the result.
fn store(i: i32, at: i32, step: i32, left: vec4f, middle: vec4f, right: vec4f) {
  let first = at + i * (TILE + 2) * step;
  let s = spread(left, middle, right);
  u[first] = s.g0;
  u[first + step] = s.g1;
  u[first + 2 * step] = s.g2;
  u[first + 3 * step] = s.g3;
  if (TILE == 4) {
    u[first + 4 * step] = s.g4;
    u[first + 5 * step] = s.g5;
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let size = params.source4 * 4 * params.target4;
  if (index >= size) { return; }
  let result = index % params.target4;
  let source = index / params.target4;
  let left = spread(tap(0, source, result), tap(3, source, result), tap(6, source, result));
  let middle = spread(tap(1, source, result), tap(4, source, result), tap(7, source, result));
  let right = spread(tap(2, source, result), tap(5, source, result), tap(8, source, result));
  store(0, index, size, left.g0, middle.g0, right.g0);
  store(1, index, size, left.g1, middle.g1, right.g1);
  store(2, index, size, left.g2, middle.g2, right.g2);
  store(3, index, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, index, size, left.g4, middle.g4, right.g4);
    store(5, index, size, left.g5, middle.g5, right.g5);
  }
}
`};function ha(t,e){let r=t.prelude??[];for(let n of r)if(e[n]===void 0)throw new _(`Cannot compile ${t.name}: the constant ${n} is not given`);let a=[...r.map(n=>`const ${n} = ${e[n]};
`),...(t.includes??[]).map(n=>Ee[n]),Ee[t.name]].join(""),o=Object.fromEntries(Object.entries(e).filter(([n])=>!r.includes(n)));return{code:a,overrides:o}}async function Lt(t,e,r){let{code:a,overrides:o}=ha(e,r),n={read:"read-only-storage",read_write:"storage",uniform:"uniform"};t.pushErrorScope("validation");let s=t.createShaderModule({label:e.name,code:a}),i=t.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((u,d)=>({binding:d,visibility:GPUShaderStage.COMPUTE,buffer:{type:n[u]}}))}),c=t.createComputePipeline({label:e.name,layout:t.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:s,entryPoint:"main",constants:o}}),l=await t.popErrorScope();if(l)throw new _(`Cannot compile ${e.name} ${JSON.stringify(r)}: ${l.message}`);return{kernel:e,pipeline:c,layout:i}}var ga=200,ya=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function va(t){let e=/llvmpipe \(LLVM (\d+)/i.exec(t);return e?Number(e[1]):void 0}function wa(){let t=globalThis.Deno;if(t)try{t.build.os==="linux"&&!t.env.get("DENO_WEBGPU_BACKEND")&&t.env.set("DENO_WEBGPU_BACKEND","vulkan"),t.build.os==="linux"&&!t.env.get("XDG_RUNTIME_DIR")&&t.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function ba(){wa();let t=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!t)return;let{description:e,device:r,vendor:a,architecture:o}=t.info,n=e||r||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:t,summary:{name:n,vendor:a,architecture:o,software:ya.test(`${n} ${a} ${o}`),llvm:va(n),features:[...t.features].sort()}}}async function Bt(){let t=await ba();if(!t)throw new R("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:r}=t,a=["timestamp-query","shader-f16"],{limits:o}=e,n=await e.requestDevice({requiredFeatures:a.filter(s=>e.features.has(s)),requiredLimits:{maxStorageBufferBindingSize:o.maxStorageBufferBindingSize,maxBufferSize:o.maxBufferSize,maxUniformBufferBindingSize:o.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:o.maxComputeWorkgroupStorageSize}});return new Ue(n,r)}var Ue=class{device;adapter;choices=new Map;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#o=new Map;#a;#n=!1;constructor(e,r){this.device=e,this.adapter=r,e.lost.then(a=>{this.#n||(this.#a??=new H(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#a??=o instanceof GPUOutOfMemoryError?new I(`The GPU is out of memory: ${o.message}`):new _(`The GPU refused a command: ${o.message}`)})}check(){if(this.#n)throw new _("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}async loss(){let e=Promise.withResolvers(),r=setTimeout(()=>e.resolve(void 0),ga),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(r),a&&new H(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,r,a){this.check();let o=Math.max(16,Math.ceil(r/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new I(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let n=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(n),this.#r+=o,this.#t=Math.max(this.#t,this.#r),n}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,r,a){if(r%4!==0||r<0||r+a.byteLength>e.size)throw new _(`Cannot write ${a.byteLength} bytes at ${r} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,r,a)}kernel(e,r={}){let a=`${e.name} ${JSON.stringify(Object.entries(r).sort())}`,o=this.#o.get(a);return o||Lt(this.device,e,r).then(n=>(this.#o.set(a,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#n){this.#n=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#o.clear(),this.device.destroy()}}};function xa(t){let e=Math.abs(t);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function Dt(t,e){let r=t/e,a=Math.max(r,1),o=Math.ceil(4*a)+1,n=new Int32Array(e*o),s=new Float64Array(e*o);for(let i=0;i<e;i++){let c=(i+.5)*r-.5,l=Math.ceil(c-2*a),u=0;for(let d=0;d<o;d++){let m=xa((l+d-c)/a);n[i*o+d]=_a(l+d,t),s[i*o+d]=m,u+=m}for(let d=0;d<o;d++)s[i*o+d]/=u}return{positions:n,weights:s,count:o}}function _a(t,e){let r=2*e,a=(t%r+r)%r;return a<e?a:r-1-a}function Ne(t,e,r,a,o,n=3){let s=Dt(e,a),i=new Float32Array(r*a*n);for(let d=0;d<r;d++){let m=d*e;for(let p=0;p<a;p++){let f=(d*a+p)*n;for(let h=0;h<n;h++){let w=0;for(let y=p*s.count,v=y+s.count;y<v;y++)w+=s.weights[y]*t[(m+s.positions[y])*n+h];i[f+h]=w}}}let c=Dt(r,o),l=new Float32Array(o*a*n),u=a*n;for(let d=0;d<o;d++)for(let m=d*c.count,p=m+c.count;m<p;m++){let f=c.positions[m]*u,h=c.weights[m];for(let w=0,y=d*u;w<u;w++)l[y+w]+=h*i[f+w]}return l}var ka=[256,40962],Sa=[257,40963],Ta=34665,Aa=4;function zt(t,e,r){let a=t.slice();if(a.length<14)return a;let o=new DataView(a.buffer,a.byteOffset,a.length),n=o.getUint16(0)===18761,s=c=>{if(c<8||c+2>a.length)return;let l=c+2+12*o.getUint16(c,n);if(!(l>a.length))for(let u=c+2;u<l;u+=12){let d=o.getUint16(u,n),m=ka.includes(d)?e:Sa.includes(d)?r:void 0;m!==void 0?(o.setUint16(u+2,Aa,n),o.setUint32(u+4,1,n),o.setUint32(u+8,m,n)):d===Ta&&c===i&&s(o.getUint32(u+8,n))}},i=o.getUint32(4,n);return s(i),a}function ae(t){return t instanceof Uint16Array?65535:255}function Kt(t,e,r){let a=new TextDecoder("utf-8",{ignoreBOM:!0}).decode(t),n=[["tiff:ImageWidth|exif:PixelXDimension",e],["tiff:ImageLength|exif:PixelYDimension",r]].reduce((s,[i,c])=>s.replace(new RegExp(`((?:${i})\\s*=\\s*)(["'])\\s*\\d+\\s*\\2`,"g"),`$1$2${c}$2`).replace(new RegExp(`(<(?:${i})>)\\s*\\d+\\s*(</)`,"g"),`$1${c}$2`),a);return n===a?t:new TextEncoder().encode(n)}function Wt(t,e,r,a,o){let n=Ne(t,e,r,e*a,r*a,o),s=ae(t),i=t instanceof Uint16Array?new Uint16Array(n.length):new Uint8Array(n.length);for(let c=0;c<n.length;c++)i[c]=Math.round(Math.min(Math.max(n[c],0),s));return i}var Me=3;function fe(t,e,r,a,o,{x0:n,x1:s,y0:i,y1:c}){let[l,u]=[n,i].map(v=>Math.max(Math.floor(v/a)-Me,0)),d=Math.min(Math.ceil(s/a)+Me,e),m=Math.min(Math.ceil(c/a)+Me,r),[p,f]=[d-l,m-u],h=new Float32Array(f*p*o);for(let v=0;v<f;v++){let g=o*((u+v)*e+l);h.set(t.subarray(g,g+o*p),o*v*p)}let w=a===1?h:Ne(h,p,f,p*a,f*a,o),y=new Float32Array((c-i)*(s-n)*o);for(let v=i;v<c;v++){let g=o*((v-u*a)*p*a+n-l*a);y.set(w.subarray(g,g+o*(s-n)),o*(v-i)*(s-n))}return y}function $e(t,e,r){let[a,o]=[t.width*e,t.height*e];return{...t,width:a,height:o,rgb:r,...t.alpha&&{alpha:Wt(t.alpha,t.width,t.height,e,1)},...t.exif&&{exif:zt(t.exif,a,o)},...t.xmp&&{xmp:Kt(t.xmp,a,o)}}}function Vt(t,e){return $e(t,e,Wt(t.rgb,t.width,t.height,e,3))}function Ra(t,e,r,a){let o=new Float32Array(t.length);return qt(e,r,a,(n,s)=>{for(let i=0;i<3;i++)o[s+i]=t[n+i]}),o}async function Ht(t,e,r,a){let{scale:o}=t.topology,n=new Float32Array(e.length*o**2);for(let s=0;s<8;s++){let[i,c]=s<4?[r,a]:[a,r],l=await t.run(Ra(e,r,a,s),i,c);qt(r*o,a*o,s,(u,d)=>{for(let m=0;m<3;m++)n[u+m]+=l[d+m]/8})}return n}function qt(t,e,r,a){for(let o=0;o<t;o++){let n=r&2?t-1-o:o;for(let s=0;s<e;s++){let i=r&1?e-1-s:s;a(3*(o*e+s),3*(r&4?i*t+n:n*e+i))}}}var he=class{#e;#r;#t;#o=0;#a=0;constructor(e,r){this.#e=e,this.#r=r;let a=3*r.width*Math.min(r.tileHeight,r.height);this.#t=e instanceof Uint16Array?new Uint16Array(a):new Uint8Array(a)}rowsOf(e){let{width:r,height:a,tileHeight:o}=this.#r,n=Math.max(e.y,0),s=Math.min(e.y+o,a);if(n!==this.#o||s!==this.#a){let i=3*r,c=Math.max(this.#a-n,0);c>0&&this.#t.copyWithin(0,(n-this.#o)*i,(this.#a-this.#o)*i),this.#t.set(this.#e.subarray((n+c)*i,s*i),c*i),this.#o=n,this.#a=s}return{rgb:this.#t,firstRow:n}}};var Oa=16;function Qt(t,e,r,a=512,o=Oa){let n=re(r),s=X(Ce(r),n),i=jt(t,n,s,a,X(o,n)),c=jt(e,n,s,a,X(o,n)),l=c.windows.flatMap(u=>i.windows.map(d=>({x:d.start,y:u.start,keep:{x0:d.from,x1:d.to,y0:u.from,y1:u.to}})));return{width:t,height:e,tileWidth:i.extent,tileHeight:c.extent,tiles:l}}function Yt(t){let e=re(t);return 2*X(Ce(t),e)+e}function jt(t,e,r,a,o){let n=X(t+2*o,e),s=Math.max(Math.floor(a/e)*e,2*r+e);if(n<=s)return{extent:n,windows:[{start:-o,from:0,to:t}]};let i=Math.ceil((n-2*r)/(s-2*r)),c=X((n-2*r)/i,e),l=c+2*r,u=[];for(let d=0,m=0;m<n;d+=c){let p=Math.min(d,n-l),f=p+l>=n?n:p+l-r,[h,w]=[Math.max(m-o,0),Math.min(f-o,t)];h<w&&u.push({start:p-o,from:h,to:w}),m=f}return{extent:l,windows:u}}function X(t,e){return Math.ceil(t/e)*e}function Ge(t,e){if(e===1)return 0;let r=2*(e-1),a=(t%r+r)%r;return a<e?a:r-a}function Jt({rgb:t,firstRow:e},r,a){let{width:o,height:n,tileWidth:s,tileHeight:i}=r,c=ae(t),l=Int32Array.from({length:s},(d,m)=>3*Ge(a.x+m,o)),u=new Float32Array(i*s*3);for(let d=0,m=0;d<i;d++){let p=3*o*(Ge(a.y+d,n)-e);for(let f=0;f<s;f++){let h=p+l[f];u[m++]=t[h]/c,u[m++]=t[h+1]/c,u[m++]=t[h+2]/c}}return u}function Xt(t,e,r,a,o,n){let{rgb:s,grey:i,width:c}=e,{strength:l,scale:u,enlarged:d}=n,m=u===1?e.alpha:void 0,p=ae(r),[f,h,w,y]=[o.keep.x0,o.keep.x1,o.keep.y0,o.keep.y1].map(x=>x*u),[v,g]=[o.x*u,o.y*u],b=(x,k)=>u===1?s[k]:d?j(d[x]/p)*p:0;for(let x=w;x<y;x++){let k=3*((x-g)*a.tileWidth*u+f-v),S=3*(x*c*u+f),C=3*(x-w)*(h-f);for(let O=f;O<h;O++,k+=3,S+=3,C+=3){let N=t[k],z=t[k+1],K=t[k+2];if(!Number.isFinite(N+z+K))throw new RangeError(`the network's output at column ${O}, row ${x} is not a finite number`);if(m&&m[S/3]===0)for(let B=0;B<3;B++)r[S+B]=s[S+B];else if(i){let B=ge(b(C,S),(j(N)+j(z)+j(K))/3,p,l);for(let V=0;V<3;V++)r[S+V]=B}else r[S]=ge(b(C,S),j(N),p,l),r[S+1]=ge(b(C+1,S+1),j(z),p,l),r[S+2]=ge(b(C+2,S+2),j(K),p,l)}}}function j(t){return t<0?0:t>1?1:t}function ge(t,e,r,a){return Math.round(t+a*(e*r-t))}function Zt(t,e,r,a){if(!e.includes(0)||e.every(i=>i===0))return t;let o=t.slice(),n=new Uint16Array(r*a);for(let i=0;i<e.length;i++)e[i]===0&&(n[i]=65535);let s=(i,c,l)=>{if(n[c]===65535)return;let u=Math.min(n[c]+l,65534);u>=n[i]||(n[i]=u,o[3*i]=o[3*c],o[3*i+1]=o[3*c+1],o[3*i+2]=o[3*c+2])};for(let i of[1,-1]){let[c,l]=i===1?[0,0]:[a-1,r-1];for(let u=c;u>=0&&u<a;u+=i){let d=u-i>=0&&u-i<a;for(let m=l;m>=0&&m<r;m+=i){let p=u*r+m;if(n[p]===0)continue;let f=m-i>=0&&m-i<r,h=m+i>=0&&m+i<r,w=p-i*r;f&&s(p,p-i,3),d&&(s(p,w,3),f&&s(p,w-i,4),h&&s(p,w+i,4))}}}return o}async function tr(t,e,r={}){let a="run"in e?[e]:e,o=t;for(let[n,s]of a.entries())o=await Pa(o,s,{...r,onTile:n===a.length-1?r.onTile:void 0,onProgress:(i,c)=>r.onProgress?.(n*c+i,a.length*c)});return o}async function Pa(t,e,r){let{strength:a=1,tile:o=e.preferredTile,inPlace:n=!1,signal:s}=r;if(!(a>=0&&a<=1))throw new R(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(o>=1))throw new R(`Cannot enhance: tile must be at least 1 pixel, got ${o}`,{exitCode:2});if(e.topology.channels!==3)throw new R(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);s?.throwIfAborted();let{scale:i}=e.topology;if(a===0)return i===1?t:Vt(t,i);let c=t.alpha?Zt(t.rgb,t.alpha,t.width,t.height):t.rgb,l=t.grey||!Ca(c)?t:{...t,grey:!0},u=t.rgb.length*i**2,d=n&&i===1?t.rgb:t.rgb instanceof Uint16Array?new Uint16Array(u):new Uint8Array(u),m=!1;for(let p=o;;p/=2){let f=Qt(t.width,t.height,e.topology,p);try{let h=c===d?new he(c,f):void 0;return await Ea(l,y=>h?h.rowsOf(y):{rgb:c,firstRow:0},d,f,e,{...r,onTile:(y,v)=>{m=!0,r.onTile?.(y,v)}}),i===1?{...t,rgb:d}:$e(t,i,d)}catch(h){if(!(h instanceof J)||m&&d===t.rgb)throw h;if(p<=Yt(e.topology))throw new R(`Cannot enhance: not enough memory on ${e.device} for a tile of ${f.tileWidth}×${f.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:h})}}}function Ca(t){for(let e=0;e<t.length;e+=3)if(t[e]!==t[e+1]||t[e]!==t[e+2])return!1;return!0}function er({x0:t,x1:e,y0:r,y1:a},o){return{x0:t*o,x1:e*o,y0:r*o,y1:a*o}}async function Ea(t,e,r,a,o,n){let{strength:s=1,selfEnsemble:i=!1,onProgress:c,onTile:l,signal:u}=n,{tiles:d,tileHeight:m,tileWidth:p}=a,{scale:f}=o.topology,h=g=>{let b=e(d[g]),x=Jt(b,a,d[g]),k=f===1||s===1?void 0:fe(b.rgb,t.width,t.height,f,3,er(d[g].keep,f));return{pixels:x,blend:{strength:s,scale:f,enlarged:k}}},w=(g,b,x)=>{try{Xt(b,t,r,a,d[g],x)}catch(k){throw new R(`Cannot enhance on ${o.device}: ${k.message}; try --device cpu or another model`,{cause:k})}l?.(er(d[g].keep,f),r),c?.(g+1,d.length)},y=h(0),v;for(let g=0;g<d.length;g++){u?.throwIfAborted();let{pixels:b,blend:x}=y,k=i?Ht(o,b,m,p):o.run(b,m,p);try{v&&w(g-1,v.restored,v.blend),g+1<d.length&&(y=h(g+1))}catch(S){throw await k.catch(()=>{}),S}v={restored:await k,blend:x}}w(d.length-1,v.restored,v.blend)}var Ua=Uint32Array.from({length:256},(t,e)=>{let r=e;for(let a=0;a<8;a++)r=r&1?r>>>1^3988292384:r>>>1;return r});function ye(t,e=0){let r=~e;for(let a=0;a<t.length;a++)r=Ua[(r^t[a])&255]^r>>>8;return~r>>>0}function rr(t){return Float32Array.from(t,e=>{let r=e&32768?-1:1,a=e>>10&31,o=e&1023;return a===31?o?NaN:r*(1/0):r*(a===0?o*2**-24:(1024+o)*2**(a-25))})}var ar={F32:4,F16:2};var Na=1e8,ve="crc32",nr="00000000";function sr(t,e){let r=h=>{throw new R(`Cannot read ${oe(e)} as safetensors: ${h}`)};t.length<8&&r(`it has ${t.length} bytes, too few for a header`);let a=new DataView(t.buffer,t.byteOffset,t.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>Na&&r(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>t.length-8&&r(`its header claims ${o} bytes, but only ${t.length-8} follow; the file is truncated or damaged`);let n=Ma(t.subarray(8,8+o),r),{__metadata__:s={},...i}=n;(!Ie(s)||Object.values(s).some(h=>typeof h!="string"))&&r("its metadata is not a list of strings; the file is damaged");let c=t.subarray(8+o),l=[],u=new Map,d=Object.entries(i).map(([h,w])=>{let y=$a(h,w,c.length,r);return l.push(y),{tensor:h,...y}});l.sort((h,w)=>h.begin-w.begin||h.end-w.end);let m=0;for(let{begin:h,end:w}of l)h!==m&&r(`its tensors overlap or leave a gap at byte ${Math.min(h,m)}; the file is damaged`),m=w;m!==c.length&&r(`its tensors fill ${m} bytes, but ${c.length} follow the header; the file is damaged`),Ga(t,o,s,r);for(let{tensor:h,dtype:w,shape:y,begin:v,end:g}of d){let b=c.slice(v,g).buffer,x=w==="F32"?new Float32Array(b):rr(new Uint16Array(b));u.set(h,{dtype:w,shape:y,data:x})}let{[ve]:p,...f}=s;return{tensors:u,metadata:f}}function Ma(t,e){let r;try{if(t[0]!==123)throw new SyntaxError;r=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(t))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return Ie(r)?r:e("its header is no JSON object; the file is damaged")}function $a(t,e,r,a){let o=u=>a(`tensor ${oe(t)} has ${u}; the file is damaged`);if(!Ie(e))return o("no description");let{dtype:n,shape:s,data_offsets:i}=e;if(n!=="F32"&&n!=="F16")return a(`tensor ${oe(t)} is of type ${oe(String(n))}; only F32 and F16 can be read`);if(!Array.isArray(s)||!s.every(or))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(or))return o("no valid offsets");let[c,l]=i;return l<c?o(`offsets ${c} to ${l}`):l>r?a(`tensor ${oe(t)} ends at byte ${l} of the data, but the file holds ${r}; it is truncated or damaged`):l-c!==$(s)*ar[n]?o(`${l-c} bytes, but shape ${P(s)} of ${n} takes ${$(s)*ar[n]}`):{dtype:n,shape:s,begin:c,end:l}}function Ga(t,e,r,a){if(!Object.hasOwn(r,ve))return;let o=Ia(t,e);if(o!==void 0){let n=new TextEncoder().encode(nr),s=t.subarray(o+n.length),i=ye(s,ye(n,ye(t.subarray(0,o))));if(Fa(i)===r[ve])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Ia(t,e){let r=new TextEncoder().encode(`"${ve}":"`),a=8+e-r.length-nr.length;for(let o=8;o<=a;o++)if(r.every((n,s)=>t[o+s]===n))return o+r.length}function oe(t){return JSON.stringify(t.length>80?`${t.slice(0,77)}...`:t).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Fa=t=>t.toString(16).padStart(8,"0"),or=t=>Number.isSafeInteger(t)&&t>=0,Ie=t=>typeof t=="object"&&t!==null&&!Array.isArray(t);var ir="clairnet-1",La=["name","recipe","loss","data","created","version","license","note"],Ba=["seed","steps"];function Fe(t,e){return Da(sr(t,e),e)}function Da(t,e){let r=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=t;if(a.format!==ir||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new R(`${r}: its metadata has ${i}, where Clairnet's models have "${ir}"`)}let n=Ka(a.topology,r),s=new Map;for(let{name:i,shape:c}of q(n).parameters){let l=o.get(i);if(!l)throw new R(`${r}: tensor "${i}" (${P(c)}) is missing`);if(P(l.shape)!==P(c))throw new R(`${r}: tensor "${i}" has shape ${P(l.shape)}, but its topology wants ${P(c)}`);za(l.data,`${r}: tensor "${i}"`),s.set(i,l.data)}for(let i of o.keys())if(!s.has(i)&&!i.includes("/"))throw new R(`${r}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:n,parameters:s,info:Wa(a,r)}}function za(t,e){let r=t.findIndex(a=>!Number.isFinite(a));if(r>=0)throw new R(`${e} holds ${t[r]} at ${r}: the training diverged or the file is damaged`)}function Ka(t,e){try{let{channels:r,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:c,residual:l,residualBlocks:u,scale:d}=JSON.parse(t);for(let[m,p]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:n}))if(!Array.isArray(p))throw new RangeError(`${m} is no list`);if(typeof r!="number")throw new RangeError("channels is no number");for(let[m,p]of Object.entries({residual:l,residualBlocks:u}))if(typeof p!="boolean")throw new RangeError(`${m} is neither true nor false`);for(let[m,p]of Object.entries({activation:s,down:i,up:c}))if(typeof p!="string")throw new RangeError(`${m} is no word`);return Gt({channels:r,widths:a,encoderBlocks:o,decoderBlocks:n,activation:s,down:i,up:c,residual:l,residualBlocks:u,scale:d??1})}catch(r){let a=r instanceof RangeError?r.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new R(`${e}: the topology in its metadata is damaged (${a})`,{cause:r})}}function Wa(t,e){let r={};for(let a of La)r[a]=t[a]??"";for(let a of Ba){let o=Number(t[a]??0);if(!Number.isSafeInteger(o)||o<0)throw new R(`${e}: ${a} in its metadata is no whole number`);r[a]=o}try{let a=Object.entries(JSON.parse(t.metrics??"{}")).map(([o,n])=>[o,Number(n)]);r.metrics=Object.fromEntries(a)}catch(a){throw new R(`${e}: the metrics in its metadata are damaged`,{cause:a})}return r}async function cr({name:t,url:e,bytes:r}){if(r)return Fe(r,t);let a=await fetch(e).catch(o=>{throw new R(`Cannot fetch the model ${t}: ${o.message}`,{cause:o})});if(!a.ok)throw new R(`Cannot fetch the model ${t}: the server answered ${a.status}`);return Fe(new Uint8Array(await a.arrayBuffer()),t)}function lr(t,e,r){let a=new Uint8Array(e*r*3),o=new Uint8Array(e*r),n=!0,s=!0;for(let i=0,c=0,l=0;i<o.length;i++,c+=4,l+=3){let[u,d,m,p]=[t[c],t[c+1],t[c+2],t[c+3]];a[l]=u,a[l+1]=d,a[l+2]=m,o[i]=p,n&&=p===255,s&&=u===d&&d===m}return{width:e,height:r,rgb:a,grey:s,format:"canvas",...n?{}:{alpha:o}}}function ur(t,e,{x0:r,x1:a,y0:o,y1:n},s){let i=new Uint8ClampedArray(s.length);for(let c=o,l=0;c<n;c++)for(let u=r;u<a;u++,l+=4){let d=3*(c*e+u);i[l]=t[d],i[l+1]=t[d+1],i[l+2]=t[d+2],i[l+3]=s[l+3]}return i}function dr(){return self}function pr(t){return(t instanceof Error?t.message:String(t)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var we=class extends Error{};function mr(t){let e=dr(),r=new Map,a=new Map,o=Promise.resolve(),n=c=>{for(let[l,u]of a)c.some(d=>d.key===l)||(a.delete(l),u[Symbol.dispose]())},s=async c=>{n(c);for(let l of c)a.has(l.key)||a.set(l.key,await t(await cr(l)));return c.map(({key:l})=>a.get(l))},i=async(c,l)=>{let{id:u,width:d,height:m,rgba:p}=c;try{l.throwIfAborted();let f=await s(c.models),h=f.reduce((v,{topology:g})=>v*g.scale,1);e.postMessage({kind:"started",id:u,device:f[0].device,scale:h});let w=performance.now(),y;await tr(lr(p,d,m),f,{signal:l,onTile:(v,g)=>{let b=new Uint8ClampedArray(fe(p,d,m,h,4,v));y={area:v,rgba:ur(g,d*h,v,b)},h!==1&&(y={...y,plain:b})},onProgress:(v,g)=>{let b=[y?.rgba.buffer,y?.plain?.buffer].filter(x=>x!==void 0);e.postMessage({kind:"tile",id:u,part:y,done:v,total:g},b)}}),e.postMessage({kind:"done",id:u,seconds:(performance.now()-w)/1e3})}catch(f){f instanceof we?e.postMessage({kind:"cancelled",id:u}):(n([]),e.postMessage({kind:"failed",id:u,message:pr(f)}))}finally{r.delete(u)}};e.onmessage=({data:c})=>{if(c.kind==="cancel")r.get(c.id)?.abort(new we);else{let l=new AbortController;r.set(c.id,l),o=o.then(()=>i(c,l.signal))}}}mr(async({topology:t,parameters:e})=>{let r=await Bt();return Va(r,new me(r,t,e))});function Va(t,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,run:(r,a,o)=>e.run(r,a,o),[Symbol.dispose](){e[Symbol.dispose](),t[Symbol.dispose]()}}}
