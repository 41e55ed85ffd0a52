var k=class extends Error{name="GpuError"},q=class extends k{name="GpuOutOfMemoryError"},re=class extends k{name="GpuLostError"};function oe(t){return Float32Array.from(t,e=>{let r=e&32768?-1:1,a=e>>10&31,o=e&1023;return a===31?o?NaN:r*(1/0):r*(a===0?o*2**-24:(1024+o)*2**(a-25))})}var gt=2**52;function ue(t){let e=new Uint32Array(t.buffer,t.byteOffset,t.length),r=new Uint16Array(t.length);for(let a=0;a<t.length;a++){let o=e[a]>>>16&32768,s=e[a]&2147483647,n;s>2139095040?n=32256:s>=1199566848?n=31744:s<947912704?n=Math.abs(t[a])*2**24+gt-gt:n=s-939524096+4095+(s>>>13&1)>>>13,r[a]=o|n}return r}function z(t){return t.reduce((e,r)=>e*r,1)}function P(t){return Math.ceil(t/4)*4}function U(t){return t.join("×")}function se(t,e){return Math.ceil(t/e)}function Ke(t,e){if(e===1)return 0;let r=2*(e-1),a=(t%r+r)%r;return a<e?a:r-a}function wt(t){let e=[],r=[],a=new Array(t.length).fill(-1),o=t.map((s,n)=>n).sort((s,n)=>t[n].bytes-t[s].bytes||t[s].first-t[n].first);for(let s of o){let n=t[s],i=r.findLastIndex(c=>c.every(l=>!ba(l,n)));i<0&&(i=e.push(n.bytes)-1,r.push([])),r[i].push(n),a[s]=i}return{assignment:a,sizes:e}}function ba(t,e){return t.first<=e.last&&e.first<=t.last}var I={f32:4,f16:2};function De(t,e,r="f32"){return e==="flat"?z(t)*I[r]:z(t.slice(0,-1))*P(t[t.length-1])*I[r]}function _e(t,e,r){let a=P(e);if(a===e)return r?.set(t),r??t;let o=t.length/e,s=r??new Float32Array(o*a);for(let n=0,i=0,c=0;n<o;n++,c+=a-e)for(let l=0;l<e;l++)s[c++]=t[i++];return s}function le(t,e){let r=P(e);if(r===e)return t;let a=t.length/r,o=new Float32Array(a*e);for(let s=0,n=0,i=0;s<a;s++,n+=r-e)for(let c=0;c<e;c++)o[i++]=t[n++];return o}var G=64,ya=65535,ke=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e;#r=[];#t=[];#a=new Map;#o="";constructor(e){this.training=e.training,this.#e=e.longestRow??ya}tensor(e,r,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new k(`Cannot record the tensor ${r}: its shape ${U(e)} must have positive extents`);let{layout:o="image",type:s="f32"}=a,n={id:this.tensors.length,name:r,shape:e,layout:o,type:s,lifetime:a.lifetime??"planned",bytes:De(e,o,s),...a.external?{external:a.external}:{}};return this.tensors.push(n),n}input(e,r,a="f32"){let o=this.tensor(r,e,{lifetime:"persistent",type:a});return this.inputs.set(e,o),o}scalars(e,r){let a=this.tensor([Math.ceil(r/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,r){this.outputs.set(e,r)}within(e,r){let a=this.#o;this.#o=a?`${a}/${e}`:e;try{return r()}finally{this.#o=a}}dispatch(e,r,a){let o=Object.keys(e.bindings);if(o.join()!==Object.keys(r).join())throw new k(`Cannot record ${e.name}: it binds ${o.join()}, got ${Object.keys(r).join()}`);vt(e,a.params);let s=o.filter(d=>e.bindings[d]==="read_write").map(d=>B(r[d]).tensor);for(let d of o){let{tensor:p}=B(r[d]);if(e.bindings[d]!=="read_write"?s.includes(p):s.filter(m=>m===p).length>1)throw new k(`Cannot record ${e.name}: ${p.name} is bound for reading and writing at once`)}let n={...a.types,...xa(e,r)},i=Math.ceil(a.invocations/(a.workgroup??G)),[c,l]=bt(i,this.#e),u={label:[a.owner??this.#o,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},types:n,params:[a.params],bindings:r,workgroups:[c,l,a.groups??1],once:a.once??!1,flops:a.flops??0};return this.dispatches.push(u),u}dispatchJobs(e,r,a,o,s={}){let[n,...i]=a,c=this.dispatch(e,r,{...s,params:n,invocations:o(n)});for(let l of i)this.addJob(c,l,o(l),s.workgroup)}addJob(e,r,a,o=G){vt(e.kernel,r);let s=e;s.params=[...s.params,r];let[n,i,c]=s.workgroups,l=Math.max(n*i,Math.ceil(a/o));s.workgroups=[...bt(l,this.#e),c+1]}extend(e,r){let a=e;a.shape=[r],a.bytes=De(a.shape,"flat",e.type)}gradient(e,r){if(!this.training)return;let a=this.#o;this.#r.push(()=>{let o=this.#a.get(e);o?.written&&this.within(a?`${a}.grad`:"grad",()=>r(o.gradient))})}gradientOf(e){let r=this.#a.get(e);r||this.#a.set(e,r={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout,type:e.type}),written:!1});let a=r.written;return r.written=!0,{gradient:r.gradient,accumulate:a}}hasGradient(e){return this.#a.has(e)}passGradient(e,r){if(this.#a.has(e))throw new k(`Cannot pass on ${r.name}: ${e.name} has a gradient already`);if(r.type!==e.type)throw new k(`Cannot pass on ${r.name}: it is ${r.type}, ${e.name} is ${e.type}`);this.#a.set(e,{gradient:r,written:!0})}gradientInput(e,r){this.#a.set(r,{gradient:this.input(e,r.shape,r.type),written:!0})}afterBackward(e){this.#t.push(e)}backward(){for(let e of this.#r.splice(0).reverse())e();for(let e of this.#t.splice(0))e()}};function vt(t,e){let a=t.params.map(o=>o.split(":")[0]).find(o=>e[o]===void 0);if(a)throw new k(`Cannot record ${t.name}: the parameter ${a} is not given`)}function bt(t,e){let r=Math.max(1,Math.ceil(t/e));return[Math.max(1,Math.ceil(t/r)),r]}function xa(t,e){let r={},a=new Set(Object.keys(e)),o=s=>B(e[s]).tensor.type;for(let[s,n]of Object.entries(t.types??{}))for(let i of n)if(a.delete(i),(r[s]??=o(i))!==o(i))throw new k(`Cannot record ${t.name}: ${n.join(", ")} must be of one type`);for(let s of a)if(o(s)!=="f32")throw new k(`Cannot record ${t.name}: it takes ${s} as f32 only`);return r}function B(t){return"tensor"in t?t:{tensor:t,offset:0,size:t.bytes}}function N(t){return t.bytes/(4*I[t.type])}function yt(t,e){let r=new Map,a=new Map;t.dispatches.forEach((u,d)=>{for(let p of Object.values(u.bindings)){let{tensor:m}=B(p);r.has(m)||r.set(m,d),a.set(m,d)}});for(let u of t.outputs.values())a.set(u,t.dispatches.length);let o=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,s=new Map,n=t.tensors.filter(u=>{if(u.external)s.set(u,u.external);else if(u.lifetime==="persistent")s.set(u,e(u.name,u.bytes,o));else return r.has(u);return!1}),{assignment:i,sizes:c}=wt(n.map(u=>({bytes:u.bytes,first:r.get(u),last:a.get(u)}))),l=c.map((u,d)=>e(`shared ${d}`,u,o));return n.forEach((u,d)=>s.set(u,l[i[d]])),s}function xt(t){let e=0,r=t.map(({kernel:o,params:s})=>{let n={offset:e,size:s.length*o.params.length*4};return e+=Math.ceil(n.size/256)*256,n}),a=new DataView(new ArrayBuffer(e));return t.forEach(({kernel:o,params:s},n)=>{let i=r[n].offset;for(let c of s)for(let l of o.params){let[u,d]=l.split(":");d==="f32"?a.setFloat32(i,c[u],!0):a.setInt32(i,c[u],!0),i+=4}}),{words:new Uint32Array(a.buffer),ranges:r}}function _t({kernel:t,bindings:e,params:r}){let a=r.some(({accumulate:o=0})=>o!==0);return Object.entries(e).reduce((o,[s,n])=>{let i=t.bindings[s]==="read_write"&&(a||t.updates?.includes(s));return o+B(n).size*(i?2:1)},0)}var Te=class{#e;#r;#t=new Map;#a=0;constructor(e,r){this.#e=e,this.#r=r}async read(e,r,a){let{device:o,times:s}=this.#e,n=performance.now(),i=this.#t.get(e);i||this.#t.set(e,i=[]);let c=i.pop(),l=h=>{let w=o.createCommandEncoder();return w.copyBufferToBuffer(a,0,h,0,r.bytes),o.queue.submit([w.finish()]),h},u=c?l(c):await this.#o(e,r,l);try{await u.mapAsync(GPUMapMode.READ)}catch(h){throw this.#e.check(),h}let d=performance.now();s.compute+=(d-Math.max(n,this.#a))/1e3,this.#a=d;let p=u.getMappedRange(0,r.bytes).slice(0),m=r.type==="f16"?oe(new Uint16Array(p)):new Float32Array(p);u.unmap(),i.push(u),this.#e.check();let f=r.layout==="image"?le(m,r.shape[r.shape.length-1]):m;return s.download+=(performance.now()-d)/1e3,f}async#o(e,r,a){let{device:o}=this.#e;o.pushErrorScope("validation"),o.pushErrorScope("out-of-memory");let s,n;try{n=this.#e.buffer(`read ${e}`,r.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#r.push(n),a(n)}finally{s=[o.popErrorScope(),o.popErrorScope()]}let[i,c]=await Promise.all(s);if(i)throw new q(`The GPU is out of memory to read ${e}: ${i.message}`);if(c)throw new k(`Cannot read ${e}: ${c.message}`);return n}};var kt=2048,_a=60,Tt=new WeakMap;function ka(t){return t.device.features.has("timestamp-query")}async function St(t,e){if(!ka(t))throw new k("Cannot profile: the adapter has no timestamp queries");let r=await Ta(t),a=[];for(let o=0;o<e.length;o+=kt){let s=await Rt(t,e.slice(o,o+kt));for(let n=0;n<s.length;n+=2)a.push(Math.max(0,Number(s[n+1]-s[n])*r))}return a}async function Rt(t,e){let{device:r}=t,a=e.length*2,o=r.createQuerySet({type:"timestamp",count:a}),s=t.buffer("timestamps",a*8,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),n=t.buffer("read timestamps",a*8,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let i=r.createCommandEncoder();return e.forEach((c,l)=>{let u=i.beginComputePass({timestampWrites:{querySet:o,beginningOfPassWriteIndex:l*2,endOfPassWriteIndex:l*2+1}});c(u),u.end()}),i.resolveQuerySet(o,0,a,s,0),i.copyBufferToBuffer(s,0,n,0,a*8),r.queue.submit([i.finish()]),await n.mapAsync(GPUMapMode.READ),t.check(),new BigUint64Array(n.getMappedRange(0,a*8).slice(0))}finally{for(let i of[s,n])t.release(i);o.destroy()}}function Ta(t){let e=Tt.get(t);return e||Tt.set(t,e=Sa(t)),e}async function Sa(t){let e=async()=>{let o=performance.now(),[s]=await Rt(t,[()=>{}]);return{now:o,start:s}};await e();let r=await e();await new Promise(o=>setTimeout(o,_a));let a=await e();return Ra(Number(a.start-r.start),(a.now-r.now)*1e6)}function Ra(t,e){let r=e/t;return t>0&&(r<.5||r>2)?r:1}function Ot(t,{compiled:e,group:r,dispatch:a}){t.setPipeline(e.pipeline),t.setBindGroup(0,r),t.dispatchWorkgroups(...a.workgroups)}async function At(t,e){let r=performance.now();try{return await Oa(t,e)}finally{t.times.prepare+=(performance.now()-r)/1e3}}async function Oa(t,e){let{device:r}=t;t.check();let a=[];for(let{kernel:d,constants:p,types:m}of e.dispatches)a.push(await t.kernel(d,p,m));r.pushErrorScope("validation"),r.pushErrorScope("out-of-memory");let o=[],s=(d,p,m)=>{let f=t.buffer(d,p,m);return o.push(f),f},n=()=>o.forEach(d=>t.release(d)),i,c;try{let d=yt(e,s),p=xt(e.dispatches),m=s("params",Math.max(p.words.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST);t.write(m,0,p.words);let f=e.dispatches.map((h,w)=>({dispatch:h,compiled:a[w],group:r.createBindGroup({label:h.label,layout:a[w].layout,entries:[{binding:0,resource:{buffer:m,...p.ranges[w]}},...Object.values(h.bindings).map((b,v)=>{let{tensor:y,offset:S,size:x}=B(b);return{binding:v+1,resource:{buffer:d.get(y),offset:S,size:x}}})]})}));i=new Fe(t,e,f,d,o)}catch(d){c=d}let l=await r.popErrorScope(),u=await r.popErrorScope();if(l?c=new q(`The GPU is out of memory for a plan: ${l.message}`):u&&(c??=new k(`Cannot build a plan: ${u.message}`)),c)throw n(),c;return i}var Fe=class{#e;#r;#t;#a;#o;#s;#n=new Map;#i=!0;constructor(e,r,a,o,s){this.#e=e,this.#r=r,this.#t=a,this.#a=o,this.#o=s,this.#s=new Te(e,s)}write(e,r){let a=this.#r.inputs.get(e);if(!a)throw new k(`Cannot write ${e}: the plan has no such input`);let o=performance.now(),s=r;if(a.layout==="image"){let n=a.shape[a.shape.length-1],i=this.#n.get(e);if(i||this.#n.set(e,i=new Float32Array(N(a)*4)),r.length!==a.shape.reduce((c,l)=>c*l,1))throw new k(`Cannot write ${e}: it is ${U(a.shape)}, got ${r.length} values`);s=_e(r,n,i)}this.#e.write(this.#a.get(a),0,a.type==="f16"?ue(s):s),this.#e.times.upload+=(performance.now()-o)/1e3}run(){this.#e.check();let e=performance.now(),r=this.#e.device.createCommandEncoder(),a=r.beginComputePass();for(let o of this.#t)o.dispatch.once&&!this.#i||Ot(a,o);a.end(),this.#e.device.queue.submit([r.finish()]),this.#i=!1,this.#e.times.compute+=(performance.now()-e)/1e3}refresh(){this.#i=!0}async read(e){let r=this.#r.outputs.get(e);if(!r)throw new k(`Cannot read ${e}: the plan has no such output`);return await this.#s.read(e,r,this.#a.get(r))}describe(){let e=this.#o.reduce((a,o)=>a+o.size,0);return[...this.#t.map(({dispatch:a})=>{let o=Object.entries(a.bindings).map(([s,n])=>`${s} ${B(n).tensor.name} ${U(B(n).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${o.join(", ")})`}),`${this.#t.length} steps, ${this.#o.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#o.reduce((e,r)=>e+r.size,0)}async profile(){this.#e.check();let e=this.#t.filter(({dispatch:a})=>!a.once||this.#i),r=await St(this.#e,e.map(a=>o=>Ot(o,a)));return this.#i=!1,e.map(({dispatch:a},o)=>({label:a.label,kernel:a.kernel.name,milliseconds:r[o]/1e6,flops:a.flops,bytes:_t(a)}))}[Symbol.dispose](){for(let e of this.#o.splice(0))this.#e.release(e)}};var Ut={none:0,relu:1,"leaky-relu":2};function de(t){return Ut[t]}var Et=new WeakMap;function Pt(t,e){Et.set(t,e)}function ne(t){return Et.get(t)??"none"}function D(t,e){let r=ne(t);return{activated:r==="none"?e:t,constants:{ACTIVATION:Ut[r]}}}var Aa={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"},types:{a4:["a"],b4:["b"],result4:["y"]}},Ct={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]},Ua={name:"add_grad_in_place",params:["count","accumulate","activation_a","activation_b"],bindings:{a:"read",b:"read",dy:"read_write",db:"read_write"},types:{a4:["a"],b4:["b"],gradient4:["dy"],result4:["db"]},includes:["activation"],updates:["dy"]};function Se(t,e,r,a="add",o=new Set){if(e.shape.join()!==r.shape.join())throw new k(`Cannot record add "${a}": its terms are ${U(e.shape)} and ${U(r.shape)}`);let s=t.tensor(e.shape,a,{type:e.type===r.type?e.type:"f32"}),n=N(s);return t.within(a,()=>{t.dispatch(Aa,{a:e,b:r,y:s},{params:{count:n},invocations:n}),t.gradient(s,i=>{let c=[e,r].filter(d=>!o.has(d)),l=e===r?[]:c.filter(d=>d.type===i.type&&!t.hasGradient(d)),u=l.find(d=>ne(d)==="none")??(c.length===2?l[0]:void 0);Ea(t,i,c,u)})}),s}function Re(t,e,r){let{gradient:a,accumulate:o}=t.gradientOf(e),{activated:s,constants:n}=D(e,r),i=N(r);t.dispatch(Ct,{dy:r,activated:s,dx:a},{params:{count:i,accumulate:Number(o)},constants:n,invocations:i})}function Ea(t,e,r,a){let o=N(e),s=r.filter(i=>i!==a),n=a!==void 0&&ne(a)!=="none";for(let i of s){let{gradient:c,accumulate:l}=t.gradientOf(i),{activated:u,constants:d}=D(i,n?a:e);n?t.dispatch(Ua,{a,b:u,dy:e,db:c},{params:{count:o,accumulate:Number(l),activation_a:D(a,a).constants.ACTIVATION,activation_b:d.ACTIVATION},invocations:o}):t.dispatch(Ct,{dy:e,activated:u,dx:c},{params:{count:o,accumulate:Number(l)},constants:d,invocations:o})}a&&t.passGradient(a,e)}var Pa={name:"add_at_extremes",params:["count","c4","channels"],bindings:{x:"read",base:"read",r:"read",y:"read_write"},includes:["extremes"],types:{correction4:["r"]}},Ca={name:"add_at_extremes_grad",params:["count","c4","channels","accumulate"],bindings:{dy:"read",x:"read",activated:"read",dr:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dr"]},includes:["activation","extremes"]};function Nt(t,e,r,a,o,s="addAtExtremes",n=new Set){for(let p of[r,a])if(e.shape.join()!==p.shape.join()||a===e||a===r){let m=[e,r,a].map(({shape:f})=>U(f)).join(", ");throw new k(`Cannot record addAtExtremes "${s}": it takes tensors of one shape and a correction that is none of the others, not ${m}`)}let i=t.tensor(e.shape,s),c=N(i),l=e.shape[3],u={count:c,c4:P(l)/4,channels:l},d=+(o==="holes");return t.within(s,()=>{t.dispatch(Pa,{x:e,base:r,r:a,y:i},{params:u,constants:{WHOLE:d},invocations:c}),t.gradient(i,p=>{if(!n.has(a)){let{gradient:m,accumulate:f}=t.gradientOf(a),{activated:h,constants:w}=D(a,p);t.dispatch(Ca,{dy:p,x:e,activated:h,dr:m},{params:{...u,accumulate:Number(f)},constants:{...w,WHOLE:d},invocations:c})}n.has(r)||Re(t,r,p)})}),i}var E=t=>"upsampled"in t?t.upsampled:t,W=t=>"upsampled"in t?1:0,O=t=>P(t.shape[3])/4;function ze(t){let{shape:e}=E(t),r=1<<W(t);return[e[1]*r,e[2]*r]}function qe(t,{name:e,stride:r,outChannels:a}){if(t.length<1||t.length>2)throw new k(`Cannot record conv2d "${e}": it reads one or two inputs, got ${t.length}`);let[o,s]=ze(t[0]),n=E(t[0]).shape[0];for(let i of t){let[c,l]=ze(i),{shape:u}=E(i);if(u.length!==4||c!==o||l!==s||u[0]!==n)throw new k(`Cannot record conv2d "${e}": its inputs are ${U(E(t[0]).shape)} and ${U(u)}`)}if(t.length===2&&W(t[1]))throw new k(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[n,se(o,r),se(s,r),a]}function jt(t,e){let[r,a]=ze(t[0]);return{batch:e.shape[0],height:r,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:t.reduce((o,s)=>o+O(E(s)),0),out4:O(e)}}function Mt(t,e,{name:r,kernel:a,outChannels:o}){let s=t.map(c=>E(c).shape[3]),n=e.specs.find(c=>c.name===`${r}.weight`),i=[a,a,s.reduce((c,l)=>c+l,0),o];if(!n||n.shape.join()!==i.join()||(n.sources??[i[2]]).join()!==s.join())throw new k(`Cannot record conv2d "${r}": input has ${s.join(" + ")} channels, so the weight is ${U(i)}; got ${n?U(n.shape):"none"}`)}function $({batch:t,out_height:e,out_width:r,options:a,sources:o},s){let n=s??o.reduce((i,c)=>i+E(c).shape[3],0);return 2*t*e*r*a.kernel**2*n*a.outChannels}function Y(t,e){return Object.fromEntries(e.map(r=>[r,t[r]]))}var Q=globalThis.navigator?.hardwareConcurrency??2;var Gt=19,pe=65536;function Oe(t){return Math.ceil((72*t+2)/16)*16}function Ae(t){return Math.floor(pe/(Oe(t)*16))}function Ve(t){return t%4===0||t%4===3}var He={old:16,oldTraining:32,new:8,gpu:16},Na=16,ja=512;function Ma(t,e,r){if(t.software)return t.llvm===void 0?"tile8":r==="weight-gradient"?Wa(t,e):Ia(t,e,r);let{batch:a,height:o,width:s,stride:n}=e;return r==="weight-gradient"?"gemm":H("thin",e,r)?"thin":H("winograd4",e,r)&&It(e)>=He.gpu?"winograd4":a*o*s/n**2/128>=ja?"gemm128":"gemm"}var It=({in4:t,out4:e})=>Math.min(t,e),Ga=({batch:t,height:e,width:r})=>t*Math.ceil(e/4)*Math.ceil(r/4);function Ia(t,e,r){let a=t.llvm<Gt,{batch:o,height:s,width:n}=e,i=r==="input-gradient"?e.in4:e.out4,c=t.subgroup===8;if(c&&H("winograd4_tile16",e,r)&&Ba(e,a))return"winograd4_tile16";let l=o*Math.ceil(s/4)*Math.ceil(n/8);return c&&H("subgroup8x4",e,r)?a&&(i===1||l>=8*Q)?"subgroup8x4":"subgroup8x8":a?l*Math.ceil(i/4)>=16*Q&&H("tile8x4x16",e,r)?"tile8x4x16":"tile8x4":"tile8"}function Ba(t,e){let r=It(t);if(!e)return r>=He.new;let a=He[t.training?"oldTraining":"old"];return r>=a&&Ga(t)>=Na}function Wa({llvm:t,subgroup:e},r){return e===8&&r.out4>2&&H("subgroup8x4",r,"weight-gradient")?"subgroup8x4":t<Gt?"tile8x4":"tile8"}var La=2**27;function $a(t,{in4:e,out4:r}){return((t==="winograd2"?2:4)+2)**2*4*e*4*r*4}function H(t,e,r){return t==="naive"||t==="gemm"||t==="gemm128"?!0:t==="gemm_f16"||t==="gemm128_f16"?r==="forward"&&e.half===!0:e.kernel!==3||e.stride!==1?!1:t==="thin"?r!=="weight-gradient"&&(e.out4===1||r==="forward"&&e.in4<=2):t.startsWith("winograd")&&$a(t,e)>La?!1:r==="weight-gradient"?t!=="winograd2":t==="tile8x4x16"&&r==="forward"&&!Ve(e.out4)?!1:t.startsWith("winograd")||t.startsWith("subgroup")||Oe(r==="forward"?e.in4:e.out4)*16<=pe}function Ka({subgroup:t},e,r){return!(e.startsWith("subgroup")||e==="winograd4_tile16"&&r!=="weight-gradient")||t===8}function Bt(t,e,r,a){let o=t==="auto"?Ma(e,r,a):t;return H(o,r,a)&&Ka(e,o,a)?o:o==="gemm128_f16"?"gemm128":o==="tile8x4x16"&&H("tile8x4",r,a)?"tile8x4":(o==="winograd4_tile16"||o.startsWith("subgroup"))&&H("tile8",r,a)?"tile8":["winograd2","winograd4","thin","gemm_f16"].includes(o)?"gemm":"naive"}var Fa=4;function Lt(t,e){let{batch:r,height:a,width:o,in4:s,out4:n,kernel:i,stride:c,half:l}=t;return`${e} ${r}×${a}×${o} ${s}→${n} ${i}×${i} /${c}${l?" f16":""}`}function za(t){let e=/^([a-z-]+) (\d+)×(\d+)×(\d+) (\d+)→(\d+) (\d)×\d \/(\d)( f16)?$/.exec(t);if(!e)return;let[r,a,o,s,n,i,c]=e.slice(2,9).map(Number),l=e[1],u={batch:r,height:a,width:o,in4:s,out4:n,kernel:i,stride:c,...e[9]?{half:!0}:{}};return Lt(u,l)===t?{layer:u,role:l}:void 0}function $t(t,e,r){if(t.size===0)return"auto";let a=t.get(Lt(e,r))??qa(t,e,r);return a!==void 0&&H(a,e,r)?a:"auto"}function qa(t,e,r){let a;for(let[o,s]of t){let n=za(o);if(n?.role!==r||!Ha(n.layer,e))continue;let i=Math.abs(Math.log(Wt(n.layer)/Wt(e)));i<=Math.log(Fa)&&i<(a?.distance??1/0)&&(a={variant:s,distance:i})}return a?.variant}function Ha(t,e){return t.in4===e.in4&&t.out4===e.out4&&t.kernel===e.kernel&&t.stride===e.stride&&t.half===e.half}function Wt({batch:t,height:e,width:r}){return t*e*r}var Va={name:"conv2d_gemm",params:["batch","rows","columns","height","width","a4","b4","shift","holes","target4","in4","out4","first4","kernel","stride","batch_weights","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],activated4:["activated"],result4:["y"],tile4:[],product4:[]},includes:["activation","gemm_tile"],prelude:["M","N","VECS","K4","CHUNK"]},Ja=0,Xa=1,Ya=2,Qa=[{M:64,N:64,VECS:2},{M:64,N:32,VECS:1},{M:128,N:16,VECS:1}],Je={M:128,N:64,VECS:2};function me(t){let e=({N:r})=>Math.ceil(t/r)*(r+8);return Qa.reduce((r,a)=>e(a)<e(r)?a:r)}var fe={gemm:{large:!1,half:!1},gemm128:{large:!0,half:!1},gemm_f16:{large:!1,half:!0},gemm128_f16:{large:!0,half:!0}},Za=32;function Kt(t,e,r){let{batch:a,in4:o,out4:s,kernel:n,weight:i,bias:c}=t,l=e.role==="forward",[u,d]=l?[t.out_height,t.out_width]:[t.height,t.width],[p,m=p]=e.sources.map(E),f=l?1:t.stride;Ft(t.rec,{a:p,b:m,w:i,bias:c,activated:e.residual??e.activated,y:e.target},{batch:a,rows:u,columns:d,height:l?t.height:t.out_height*f,width:l?t.width:t.out_width*f,a4:O(p),b4:e.sources[1]?O(m):0,shift:l?W(e.sources[0]):f-1,holes:f-1,target4:O(e.target),in4:o,out4:s,first4:e.first4,kernel:n,stride:l?t.stride:1,batch_weights:0,accumulate:Number(e.accumulate),activation:e.activation},{mode:l?Xa:Ja,kind:r,residual:e.residual!==void 0,flops:l?$(t):$(t,e.target.shape[3])})}function Dt(t,{v:e,u:r,m:a},{batch:o,rows:s,source4:n,target4:i}){Ft(t,{a:e,b:e,w:r,bias:e,activated:e,y:a},{batch:o,rows:s/8,columns:8,height:s/8,width:8,a4:n,b4:0,shift:0,holes:0,target4:i,in4:n,out4:i,first4:0,kernel:1,stride:1,batch_weights:n*4*i,accumulate:0,activation:0},{mode:Ya,residual:!1,kind:s%Je.M===0?fe.gemm128:fe.gemm,flops:2*o*s*n*4*i*4})}function Ft(t,e,r,{mode:a,kind:o,residual:s,flops:n}){let{batch:i,rows:c,columns:l,a4:u,b4:d,target4:p}=r,m=me(p*4),f=o.large&&m.N===Je.N?Je:m,h=f.N===16||u+d===1?1:2,w=i*Math.ceil(c/(f.M/8))*Math.ceil(l/8),b=[e.a,e.w].every(v=>B(v).tensor.type==="f16");t.dispatch(Va,e,{params:r,constants:{...f,K4:h,CHUNK:b&&o.half?Za/(4*h):0,MODE:a,RESIDUAL:Number(s)},types:{tile4:b?"f16":"f32",product4:b&&o.half?"f16":"f32"},invocations:w*G,groups:Math.ceil(p*4/f.N),flops:n})}function he(t,e,r,a="uniform"){return{name:t,params:["batch","height","width","x4","first4","in4","shift","out4","first_block","blocks","block_vec4s","accumulate","activation"],bindings:{x:"read",w:a,activated:"read",y:"read_write"},types:{source4:["x"],activated4:["activated"],result4:["y"]},includes:["activation","conv2d_tile",...e],prelude:["WORKGROUP",...r]}}var zt=he("conv2d_tile8",[],[]),qt=he("conv2d_tile8x4",["conv2d_kernel9","conv2d_body8x4"],["OUTPUTS4"]),Ht=["conv2d_kernel9","conv2d_shared_taps","conv2d_body8x4"],Vt=he("conv2d_subgroup8x4",Ht,["OUTPUTS4"]),Jt=he("conv2d_subgroup8x4_wide",Ht,["OUTPUTS4"],"read"),Xt=he("conv2d_subgroup8x8",["conv2d_kernel9"],["OUT_LANES"]),Yt={name:"conv2d_pack",params:["weight","bias","packed","in4","out4","source4","source_first4","target4","first4","block_vec4s","count"],jobs:!0,bindings:{weights:"read",packed:"read_write"},types:{weight4:["weights"]},prelude:["WORKGROUP"]},Qt={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],result4:["y"]},includes:["activation"]},Zt={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]},Xe={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows","slice_vec4s","bias_at"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{source4:["x"],gradient4:["dy"]},prelude:["WORKGROUP"]},er={...Xe,name:"conv2d_weight_grad_subgroup",prelude:["WORKGROUP","OUT_LANES"]},tr={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{source4:["x"],gradient4:["dy"]}},rr={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"},types:{gradient4:["dy"]}};function ar(t,e){let{rec:r,options:a,weight:o,bias:s}=t,{kernel:n,stride:i}=a;if(e.role==="forward"){let[p,m=p]=e.sources.map(E);r.dispatch(Qt,{a:p,b:m,w:o,bias:s,y:e.target},{params:{...Y(t,["batch","height","width","out_height","out_width","out4"]),a4:O(p),b4:e.sources[1]?O(m):0,a_shift:W(e.sources[0]),kernel:n,stride:i},constants:{ACTIVATION:e.activation},invocations:t.batch*t.out_height*t.out_width*t.out4,flops:$(t)});return}let{target:c,activated:l,first4:u}=e,d=O(c);r.dispatch(Zt,{dy:E(e.sources[0]),w:o,activated:l,dx:c},{params:{...Y(t,["batch","height","width","out_height","out_width","in4","out4"]),target4:d,first4:u,kernel:n,stride:i,accumulate:Number(e.accumulate)},constants:{ACTIVATION:e.activation},invocations:t.batch*t.height*t.width*d,flops:$(t,c.shape[3])})}var sr=["batch","height","width","a4","b4","shift"],nr={name:"conv2d_thin_in",params:[...sr,"target4","in4","out4","first4","accumulate","activation"],bindings:{a:"read",b:"read",w:"read",bias:"read",activated:"read",y:"read_write"},types:{source4:["a","b"],weight4:["w","bias"],activated4:["activated"],result4:["y"]},includes:["activation","conv2d_thin"]},eo={...nr,name:"conv2d_thin_out",params:[...sr,"activation"]},or={width:32,height:8};function ir(t,e){let{batch:r,height:a,width:o,in4:s,out4:n,weight:i,bias:c}=t,{target:l,activated:u,first4:d,accumulate:p,activation:m}=e,f=e.role==="forward",[h,w=h]=e.sources.map(E),b=r*Math.ceil(a/or.height)*Math.ceil(o/or.width),v={a:h,b:w,w:i,bias:c,activated:e.residual??u,y:l},y={batch:r,height:a,width:o,a4:O(h),b4:e.sources[1]?O(w):0,shift:W(e.sources[0]),activation:m},S={RESIDUAL:+(e.residual!==void 0)},x={invocations:b*G,flops:f?$(t):$(t,l.shape[3])},_=O(l);if(f&&_===1){t.rec.dispatch(eo,v,{params:y,constants:S,...x});return}t.rec.dispatch(nr,v,{params:{...y,target4:_,in4:s,out4:n,first4:d,accumulate:Number(p)},constants:{...S,MODE:Number(f)},...x})}var Z={tile8:{height:1,lanes:1,sharesWeights:!1,blocks:1,step:2,added:4,dispatch:30},tile8x4:{height:4,lanes:1,sharesWeights:!1,blocks:1,step:5,added:15,dispatch:30},tile8x4x16:{height:4,lanes:1,sharesWeights:!1,blocks:2,step:8,added:30,dispatch:30},subgroup8x4:{height:4,lanes:1,sharesWeights:!0,blocks:1,step:4.4,added:15,dispatch:30},subgroup8x4x16:{height:4,lanes:1,sharesWeights:!0,blocks:2,step:7,added:30,dispatch:30},subgroup8x4x16wide:{height:4,lanes:1,sharesWeights:!0,blocks:2,step:7.3,added:30,dispatch:30,anyWidth:!0},subgroup8x8x16:{height:8,lanes:4,sharesWeights:!1,blocks:2,step:4,added:15,dispatch:30},subgroup8x8x32:{height:8,lanes:8,sharesWeights:!1,blocks:4,step:3.9,added:15,dispatch:30}};function Ye({lanes:t,sharesWeights:e,blocks:r},a,o){return t===1&&!e?a*o/r:Math.ceil(a*t/8)*8*Math.ceil(o/r)}function Qe(t,e,r,a,o=Q){let s=Z[a],{step:n,added:i,dispatch:c}=s,l={part:t,time:1/0};for(let u=1;u<=t;u++){let d=Math.ceil(t/u),p=Ze(d,a);if(p<1)continue;let m=0;for(let f=0;f<e;f+=p){let h=Ye(s,r,Math.min(p,e-f));m+=u*c+Math.ceil(h/(8*o))*(t*n+(u-1)*i)}m<l.time&&(l={part:d,time:m})}return l}function Ze(t,e){let{blocks:r,anyWidth:a}=Z[e];if(a)return 1/0;let o=Ae(t);return o-o%r}var to=1.5*2**20,cr=256,ie=class{tensor;#e;#r=0;constructor(e,r,a=void 0){this.#e=e,this.tensor=e.tensor([1],r,{layout:"flat",...a})}holds(e){return this.#r===0||this.#r+e<=to}take(e,r=e){let a=this.#r;this.#r=Math.ceil((a+e)/cr)*cr;let o=Math.max(this.tensor.bytes,a+e,a+r);return this.#e.extend(this.tensor,o/I[this.tensor.type]),{tensor:this.tensor,offset:a,size:e}}};var ur=new WeakMap;function Ue(t,e,r,a,o){let{kernel:s,role:n,constants:i,workgroup:c,weights:l,type:u}=e,d=ur.get(t);d||ur.set(t,d=new Map);let p=JSON.stringify([s.name,n,i,c,l.id,u]),m=!t.training,f=d.get(p);if(!f?.room.holds(r.bytes)){let b=m?"persistent":"planned";d.set(p,f={room:new ie(t,`${s.name} ${n}`,{type:u,lifetime:b})})}let h=f.room.take(r.bytes,r.reach),w=a(h.offset);if(f.dispatch)t.addJob(f.dispatch,w,o,c);else{let[b,v]=Object.keys(s.bindings);f.dispatch=t.dispatch(s,{[b]:l,[v]:f.room.tensor},{owner:`weights/${n}`,params:w,constants:i,invocations:o,workgroup:c,once:m})}return h}var ro=0,ao=1,oo=2,so=["tile8","tile8x4","tile8x4x16","subgroup8x4","subgroup8x8"];function dr(t){return so.includes(t)}function pr(t,e,r){let a=Math.ceil(O(e.target)/2),o=no(t,e,a,r),s=fr(t,o),n=[],i=0;for(let c of e.sources){let l=O(E(c)),u=t.software?Qe(l,a,s,o).part:l;for(let d=0;d<l;d+=u)n.push({source:c,first4:d,in4:Math.min(u,l-d),place4:i+d});i+=l}n.forEach((c,l)=>io(t,e,o,c,{tiles:s,blocks:a,first:l===0,last:l===n.length-1}))}function fr({batch:t,height:e,width:r},a){return t*Math.ceil(e/Z[a].height)*Math.ceil(r/8)}function no(t,e,r,a){if(a==="tile8x4x16")return lr(t,e)?a:"tile8x4";if(a==="tile8"||a==="tile8x4")return a;let o=a==="subgroup8x8"?["subgroup8x8x32","subgroup8x8x16"]:["subgroup8x4",...lr(t,e)?["subgroup8x4x16","subgroup8x4x16wide"]:[]],s=n=>e.sources.reduce((i,c)=>{let l=O(E(c));return i+Qe(l,r,fr(t,n),n).time},0);return o.reduce((n,i)=>s(i)<s(n)?i:n)}function lr({software:t},{sources:e,target:r}){let a=o=>Ae(O(E(o)))>=2;return Ve(O(r))&&(t||e.every(a))}function io(t,e,r,{source:a,first4:o,in4:s,place4:n},{tiles:i,blocks:c,first:l,last:u}){let{rec:d,batch:p,height:m,width:f,software:h}=t,w=e.role==="forward",b=E(a),v=O(e.target),y=Oe(s),{blocks:S,lanes:x,sharesWeights:_,anyWidth:R}=Z[r],g=Math.min(c,Ze(s,r)),T=h?8:G,A=Math.floor((c-1)/g)*g*y*16,C=c*y*16,L=4*I[t.weight.tensor.type],K=c*2*s,F=Ue(d,{kernel:Yt,role:e.role,workgroup:T,weights:t.weight.tensor,type:"f32",constants:{FORWARD:Number(w),WORKGROUP:T}},{bytes:C,...R?{}:{reach:A+pe}},V=>({weight:t.weight.offset/L,bias:t.bias.offset/L,packed:V/16,in4:t.in4,out4:t.out4,source4:s,source_first4:n,target4:v,first4:e.first4,block_vec4s:y,count:K}),K),X=u?e.residual:void 0;for(let V=0;V<c;V+=g){let te=Math.min(g,c-V);d.dispatch(co(r),{x:b,w:{...F,offset:F.offset+V*y*16,size:R?C:pe},activated:X??e.activated,y:e.target},{params:{batch:p,height:m,width:f,x4:O(b),first4:o,in4:s,shift:W(a),out4:v,first_block:V,blocks:x>1?te:te/S,block_vec4s:y,accumulate:Number(e.accumulate||!l),activation:u||!w?e.activation:0},constants:{MODE:w?l?ao:oo:ro,RESIDUAL:+(X!==void 0),WORKGROUP:T,...x>1?{OUT_LANES:x}:{BLOCKS_IN_LANES:_?2:Number(h)},...Z[r].height===4&&{OUTPUTS4:S===2?4:v===1?1:2}},invocations:h?Ye(Z[r],i,te):i,groups:h?1:te/S,workgroup:T,flops:18*p*m*f*s*4*Math.min(te*8,(v-V*2)*4)})}}function co(t){let{lanes:e,sharesWeights:r,anyWidth:a}=Z[t];return e>1?Xt:r?a?Jt:Vt:t==="tile8"?zt:qt}var hr={name:"sum_slices",params:["partials","total","count","slices","accumulate"],jobs:!0,bindings:{partials:"read",total:"read_write"}};function uo(t,e,r,a,o=!1){let s=B(r).size/16;t.dispatch(hr,{partials:e,total:r},{params:{partials:0,total:0,count:s,slices:a,accumulate:Number(o)},invocations:s})}var Ee=new WeakMap,lo=2**20;function ge(t,e,r,a){if(r===1){a(e);return}let o=r*e.size;if(o>lo){let c=t.tensor([o/4],"partials",{layout:"flat"});a(B(c)),uo(t,c,e,r);return}let s=Ee.get(t);s&&(s.gradients!==e.tensor||!s.room.holds(o))&&(mr(t),s=void 0),s||(s={room:new ie(t,"partials of gradients"),gradients:e.tensor,jobs:[]},Ee.set(t,s),t.afterBackward(()=>mr(t)));let n=s.room.take(o);a(n);let i=e.size/16;s.jobs.push({partials:n.offset/16,total:e.offset/16,count:i,slices:r,accumulate:0})}function mr(t){let e=Ee.get(t);if(!e)return;Ee.delete(t);let r={partials:e.room.tensor,total:e.gradients};t.dispatchJobs(hr,r,e.jobs,({count:o})=>o,{owner:"weights/weight-gradient"})}function we(t,e){let r=Math.ceil(t/Math.max(1,Math.min(e,t)));return{slices:Math.ceil(t/r),each:r}}var gr={name:"conv2d_weight_grad_gemm",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","rows","kernel","stride","across","accumulate"],bindings:{x:"read",dy:"read",partials:"read_write"},types:{source4:["x"],gradient4:["dy"],tile4:[],product4:[]},includes:["gemm_tile"],prelude:["M","N","VECS","K4"]},wr=512,po=256;function vr(t,e,r){let{rec:a,options:o,in4:s,out4:n,kernel:i,stride:c}=t,l=i**2,u=me(n*4),d=Math.ceil(n*4/u.N),p=w=>Math.ceil(l*w*4/u.M)*d,m=Math.min(Math.ceil(wr/p(s)),po),{slices:f,each:h}=we(t.batch*t.out_height,m);ge(a,r.range(a,`${o.name}.weight`,"gradients"),f,w=>{let b=0;for(let v of t.sources){let y=E(v),S=O(y);a.dispatch(gr,{x:y,dy:e,partials:w},{params:{...Y(t,["batch","height","width","out_height","out_width"]),in4:S,out4:n,shift:W(v),first4:b,total4:s,rows:h,kernel:i,stride:c,across:d,accumulate:0},constants:{...u,K4:2},types:{tile4:y.type===e.type?y.type:"f32"},invocations:p(S)*G,groups:f,flops:$(t,y.shape[3])}),b+=S}})}function br(t,e,r){let a=me(r*4),o=t*Math.ceil(e*4/a.M)*Math.ceil(r*4/a.N);return Math.ceil(wr/o)}function yr(t,{v:e,e:r,p:a},{batch:o,rows:s,slices:n,source4:i,target4:c,accumulate:l},u){let d=me(c*4),p=Math.ceil(c*4/d.N),[m,f]=[s/8,8];t.dispatch(gr,{x:e,dy:r,partials:a},{params:{batch:o,height:m,width:f,out_height:m,out_width:f,in4:i,out4:c,shift:0,first4:0,total4:i,rows:m/n,kernel:1,stride:1,across:p,accumulate:Number(l)},constants:{...d,K4:2},invocations:Math.ceil(i*4/d.M)*p*G,groups:o*n,flops:u})}var fo={name:"winograd_weights",params:["weight","u","in4","out4","source4","target4","first4"],jobs:!0,bindings:{weights:"read",u:"read_write"},types:{weight4:["weights"],transformed4:["u"]},prelude:["TILE","WORKGROUP"]},mo={name:"winograd_input",params:["height","width","x4","first4","source4","shift","first","count","stored","across","down"],bindings:{x:"read",v:"read_write"},types:{source4:["x"],transformed4:["v"]},prelude:["TILE","WORKGROUP"]},ho={name:"winograd_output",params:["height","width","target4","first","count","stored","across","down","accumulate","activation"],bindings:{m:"read",bias:"read",activated:"read",y:"read_write"},types:{transformed4:["m"],weight4:["bias"],activated4:["activated"],result4:["y"]},includes:["activation"],prelude:["TILE","WORKGROUP"]},go={name:"winograd_product",params:["parts","rows","source4","target4"],bindings:{v:"read",u:"read",m:"read_write"},includes:["rows8"],prelude:["ROWS","COLUMNS4","WORKGROUP"]},Pe={winograd2:{tile:2,registers:!1},winograd4:{tile:4,registers:!1},winograd4_tile16:{tile:4,registers:!0}},et=32*2**20;function wo(t,e){let r=(o,s)=>Math.ceil(o/s)*s,a=Math.min(...[1,2,3].map(o=>r(e,8*o)));return{ROWS:r(t,32)<=1.1*r(t,16)?32:16,COLUMNS4:[3,2,1].find(o=>r(e,8*o)===a)}}function vo(t,e,r,a){let o=Math.ceil(t/r),s=Math.max(1,Math.floor(a/(e*r)));return Math.ceil(o/Math.ceil(o/s))*r}function tt({batch:t,height:e,width:r},a,o,s,n){let[i,c]=[Math.ceil(r/a),Math.ceil(e/a)],l=t*i*c,u=vo(l,o,s,n);return Array.from({length:Math.ceil(l/u)},(d,p)=>{let m=p*u,f=Math.min(u,l-m);return{height:e,width:r,first:m,count:f,stored:u,across:i,down:c}})}function rt(t,{sources:e,v:r,source4:a,tile:o,workgroup:s,padded:n=!1},i){let c=0;for(let l of e){let u=E(l),d=O(u);t.dispatch(mo,{x:u,v:r},{params:{...i,x4:d,first4:c,source4:a,shift:W(l)},constants:{TILE:o,WORKGROUP:s},invocations:(n?i.stored:i.count)*d,workgroup:s}),c+=d}}function xr(t,e,{tile:r,registers:a},o=et){let{rec:s,in4:n,out4:i,options:c,software:l}=t,u=e.sources.reduce((A,C)=>A+O(E(C)),0),d=O(e.target),p=(r+2)**2,m=+(e.role==="forward"),f=r===2?t.weight.tensor.type:"f32",h=l?8:G,w=4*I[f],b=u*4*d,v=Ue(s,{kernel:fo,role:e.role,workgroup:h,weights:t.weight.tensor,type:f,constants:{TILE:r,WORKGROUP:h,FORWARD:m}},{bytes:p*b*w},A=>({weight:t.weight.offset/(4*I[t.weight.tensor.type]),u:A/w,in4:n,out4:i,source4:u,target4:d,first4:e.first4}),b),y=t.batch*Math.ceil(t.height/r)*Math.ceil(t.width/r),{ROWS:S,COLUMNS4:x}=wo(y,d),_=tt(t,r,p*(u+d)*w,a?S:64,o),[{stored:R}]=_,g=s.tensor([p,R,u*4],`${c.name}.winograd inputs`,{layout:"flat",type:f}),T=s.tensor([p,R,d*4],`${c.name}.winograd products`,{layout:"flat",type:f});for(let A of _)rt(s,{sources:e.sources,v:g,source4:u,tile:r,workgroup:h},A),a?s.dispatch(go,{v:g,u:v,m:T},{params:{parts:p,rows:R,source4:u,target4:d},constants:{ROWS:S,COLUMNS4:x,WORKGROUP:h},invocations:p*(R/S)*Math.ceil(d/(8*x))*8,workgroup:h,flops:2*p*R*u*4*d*4}):Dt(s,{v:g,u:v,m:T},{batch:p,rows:R,source4:u,target4:d}),s.dispatch(ho,{m:T,bias:t.bias,activated:e.residual??e.activated,y:e.target},{params:{...A,target4:d,accumulate:Number(e.accumulate),activation:e.activation},constants:{TILE:r,WORKGROUP:h,FORWARD:m,RESIDUAL:+(e.residual!==void 0)},invocations:A.count*d,workgroup:h})}var bo={name:"winograd_spread_grad",params:["height","width","target4","first","count","stored","across","down"],bindings:{dy:"read",e:"read_write"},types:{gradient4:["dy"]},prelude:["WORKGROUP"]},yo={name:"winograd_weight_product",params:["parts","count","stored","source4","target4","accumulate"],bindings:{v:"read",e:"read",p:"read_write"},includes:["outer16"],prelude:["WORKGROUP"]},xo={name:"winograd_weight_grad",params:["size","slices"],bindings:{p:"read",dw:"read_write"},prelude:["WORKGROUP"]},at=4,ee=(at+2)**2;function _r(t,e,r,{registers:a},o=et){let{rec:s,options:n,sources:i,in4:c,out4:l,software:u}=t,d=u?8:G,p={WORKGROUP:d},m=a?1:br(ee,c,l),f=a?1:8*m,h=tt(t,at,ee*(c+l)*16,f,o),[{stored:w}]=h,b=h.reduce((g,{count:T})=>g+T,0),v=(g,T)=>s.tensor(T,`${n.name}.winograd ${g}`,{layout:"flat"}),y=v("inputs",[ee,w,c*4]),S=v("gradients",[ee,w,l*4]),x=v("weight products",[ee,m,c*4,l*4]);for(let g of h){let{count:T}=g;rt(s,{sources:i,v:y,source4:c,tile:at,workgroup:d,padded:!a},g),s.dispatch(bo,{dy:e,e:S},{params:{...g,target4:l},constants:p,invocations:(a?T:w)*l,workgroup:d});let A={source4:c,target4:l},C=g.first>0,L=$(t)*T/b;if(a)s.dispatch(yo,{v:y,e:S,p:x},{params:{parts:ee,count:T,stored:w,...A,accumulate:Number(C)},constants:p,invocations:ee*Math.ceil(c/4)*Math.ceil(l/4),workgroup:d,flops:L});else{let K={batch:ee,rows:w,slices:m,...A,accumulate:C};yr(s,{v:y,e:S,p:x},K,L)}}let _=c*4*l,R=r.range(s,`${n.name}.weight`,"gradients");s.dispatch(xo,{p:x,dw:R},{params:{size:_,slices:m},constants:p,invocations:_,workgroup:d})}var _o=2048,ko=128*Q,To=64*Q,So={rows:(t,e)=>3*Math.ceil(t/2)*Math.ceil(e/2),subgroup:(t,e)=>{let r=kr(e);return Math.ceil(t/2)*Math.ceil(e/r)*r}};function kr(t){return Math.ceil(t/8)*8===Math.ceil(t/4)*4?8:4}function Tr(t,e,r,a){if(a==="winograd4"||a==="winograd4_tile16")return _r(t,e,r,Pe[a]),!1;let o=a.startsWith("subgroup");if(a!=="naive"&&!a.startsWith("tile8")&&!o)return vr(t,e,r),!1;let{rec:s,options:n,in4:i,out4:c,software:l}=t,u=a!=="naive",d=n.kernel**2,p=So[o?"subgroup":"rows"],f=(o?To:u&&l?ko:_o)/(u?p(i,c):i*c*d),{slices:h,each:w}=we(t.batch*t.out_height,u&&l?Math.max(1,Math.round(f)):Math.ceil(f)),[b,v]=[`${n.name}.weight`,`${n.name}.bias`],y=u?r.span(s,b,v,"gradients"):void 0,S=y??r.range(s,b,"gradients"),x=y?S.size/16-c:0;return ge(s,S,h,_=>{let R=l?8:G,g=0;for(let T of t.sources){let A=E(T),C=O(A),L={out4:c,shift:W(T),in4:C,first4:g,total4:i,slices:h,rows:w},K=$(t,A.shape[3]);u?s.dispatch(o?er:Xe,{x:A,dy:e,partials:_},{params:{...Y(t,["batch","height","width"]),...L,slice_vec4s:S.size/16,bias_at:g===0?x:0},constants:{WORKGROUP:R,...o&&{OUT_LANES:kr(c)}},invocations:p(C,c)*h,workgroup:R,flops:K}):s.dispatch(tr,{x:A,dy:e,partials:_},{params:{...Y(t,["batch","height","width","out_height","out_width"]),...L,kernel:n.kernel,stride:n.stride},invocations:d*C*c*h,flops:K}),g+=C}}),y!==void 0}function Sr(t,e,r){let{rec:a,options:o,out4:s}=t,n=t.batch*t.out_height*t.out_width,{slices:i,each:c}=we(n,Math.ceil(256/s));ge(a,r.range(a,`${o.name}.bias`,"gradients"),i,l=>a.dispatch(rr,{dy:e,partials:l},{params:{pixels:n,out4:s,slices:i,slice_pixels:c},invocations:s*i}))}var Ro={name:"residual_grad",params:["count","accumulate","activation_y","activation_r"],bindings:{s:"read",r:"read",ds:"read_write",dr:"read_write"},types:{s4:["s"],r4:["r"],gradient4:["ds"],result4:["dr"]},includes:["activation"],updates:["ds"]};function Rr(t,e,r){return e==="none"||!r.has(t)}function Or(t,{s:e,r,activation:a},o,s){if(s.has(r))return;if(a==="none"){Re(t,r,o);return}let{gradient:n,accumulate:i}=t.gradientOf(r),c=N(o);t.dispatch(Ro,{s:e,r,ds:o,dr:n},{params:{count:c,accumulate:Number(i),activation_y:de(a),activation_r:de(ne(r))},invocations:c})}var Oo={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"},types:{value4:["x","y"]}},Ao={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]},Ar=({shape:[t,e,r,a]})=>({batch:t,height:e,width:r,c4:P(a)/4});function Ur(t,e,r,a="up",o=new Set){let[s,n,i,c]=e.shape,l=t.tensor([s,n*2,i*2,c],a,{type:e.type});return t.within(a,()=>{t.dispatch(Oo,{x:e,y:l},{params:Ar(e),constants:{BILINEAR:+(r==="bilinear")},invocations:N(l)}),o.has(e)?o.add(l):t.gradient(l,u=>ot(t,u,e,r))}),l}function ot(t,e,r,a){let{gradient:o,accumulate:s}=t.gradientOf(r),{activated:n,constants:i}=D(r,e);t.dispatch(Ao,{dy:e,activated:n,dx:o},{params:{...Ar(r),accumulate:Number(s)},constants:{...i,BILINEAR:+(a==="bilinear")},invocations:N(r)})}function Er(t,e,r,a,{variant:o="auto",values:s=r.type,withoutGradient:n=new Set,residual:i}={}){let{name:c,kernel:l,stride:u,activation:d}=a,p=qe(e,a);if(Mt(e,r,a),i&&i.tensor.shape.join()!==p.join()){let S=U(i.tensor.shape);throw new k(`Cannot record conv2d "${c}": it gives ${U(p)}, the residual is ${S}`)}if(t.training&&r.type!=="f32")throw new k(`Cannot record conv2d "${c}": parameters of f16 are for inference alone`);let m=t.tensor(p,c,{type:s}),f=r.range(t,`${c}.weight`),h=r.range(t,`${c}.bias`),{software:w}=r.adapter,b={rec:t,sources:e,options:a,y:m,weight:f,bias:h,kernel:l,stride:u,software:w,training:t.training,...jt(e,m),...r.type==="f16"?{half:!0}:{}},v=S=>{let x=o==="auto"?$t(r.choices,b,S):o;return Bt(x,r.adapter,b,S)},y=i&&v("forward")!=="naive"&&(!t.training||Rr(i.tensor,d,n))?i.tensor:void 0;return Pt(m,y?"none":d),t.within(c,()=>{st(t,"forward",()=>{Pr(b,{role:"forward",sources:e,target:m,activation:de(d),activated:E(e[0]),first4:0,accumulate:!1,residual:y},v("forward"))}),t.gradient(m,S=>{y&&Or(t,{s:m,r:y,activation:d},S,n),st(t,"weight-gradient",()=>{Tr(b,S,r,v("weight-gradient"))||Sr(b,S,r)});let x=0;for(let _ of e){let R=E(_);st(t,"input-gradient",()=>{n.has(R)||Uo(b,S,_,x,v("input-gradient"))}),x+=O(R)}})}),i&&!y?Se(t,i.tensor,m,i.name,n):m}function st(t,e,r){t.within(e,r)}function Pr(t,e,r){r==="naive"?ar(t,e):r==="thin"?ir(t,e):dr(r)?pr(t,e,r):r in fe?Kt(t,e,fe[r]):xr(t,e,Pe[r])}function Uo(t,e,r,a,o){let{rec:s}=t,n=E(r),i="upsampled"in r?s.tensor([t.batch,t.height,t.width,n.shape[3]],`d(${n.name} upsampled)`,{type:e.type}):void 0,{gradient:c,accumulate:l}=i?{gradient:i,accumulate:!1}:s.gradientOf(n),{activated:u,constants:d}=i?{activated:e,constants:{ACTIVATION:0}}:D(n,e);Pr(t,{role:"input-gradient",sources:[e],target:c,activation:d.ACTIVATION,activated:u,first4:a,accumulate:l},o),i&&ot(s,i,n,"nearest")}var Eo={name:"fill_holes",params:["count","height","width","c4","channels"],bindings:{x:"read",y:"read_write"},includes:["extremes"]};function Cr(t,e,r="fillHoles"){let a=t.tensor(e.shape,r),[,o,s,n]=e.shape,i=N(a);return t.within(r,()=>{t.dispatch(Eo,{x:e,y:a},{params:{count:i,height:o,width:s,c4:P(n)/4,channels:n},constants:{WHOLE:1},invocations:i})}),a}var Po={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"},types:{value4:["x","y"]}},Co={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},types:{gradient4:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]};function Nr(t,e,r="pool"){let[a,o,s,n]=e.shape,i=P(n)/4,c=t.tensor([a,se(o,2),se(s,2),n],r,{type:e.type}),l=t.tensor([N(c)],`${r}.argmax`,{layout:"flat"}),u={batch:a,height:o,width:s,c4:i};return t.within(r,()=>{t.dispatch(Po,{x:e,y:c,argmax:l},{params:u,invocations:N(c)}),t.gradient(c,d=>{let{gradient:p,accumulate:m}=t.gradientOf(e),{activated:f,constants:h}=D(e,d);t.dispatch(Co,{dy:d,argmax:l,activated:f,dx:p},{params:{...u,accumulate:Number(m)},constants:h,invocations:N(e)})})}),c}var nt=256,Ce=class{specs;type;length;#e;#r=new Map;#t=new Map;#a=new WeakMap;constructor(e,r,a="f32"){this.#e=e,this.specs=r,this.type=a;let o=0;for(let s of r){let n=jr(s);this.#r.set(s.name,{spec:s,offset:o,length:n}),o=this.#o(o+n)}this.length=o}get adapter(){return this.#e.adapter}get choices(){return this.#e.choices}range(e,r,a="values"){let{offset:o,length:s}=this.#s(r),n=I[this.type];return{tensor:this.whole(e,a),offset:o*n,size:s*n}}span(e,r,a,o){let s=this.range(e,r,o),n=this.range(e,a,o);return Math.ceil((s.offset+s.size)/nt)*nt===n.offset?{...s,size:n.offset+n.size-s.offset}:void 0}whole(e,r){let a=this.#a.get(e);a||this.#a.set(e,a=new Map);let o=a.get(r);return o||(o=e.tensor([this.length],`parameters.${r}`,{layout:"flat",type:this.type,lifetime:"persistent",external:this.#n(r)}),a.set(r,o)),o}upload(e,r="values"){let a=new Float32Array(this.length);for(let{spec:o,offset:s}of this.#r.values()){let n=e.get(o.name);if(!n||n.length!==z(o.shape))throw new k(`Cannot upload ${o.name}: it has ${z(o.shape)} values, got ${n?.length??"none"}`);a.set(jo(n,o),s)}this.#e.write(this.#n(r),0,this.type==="f16"?ue(a):a)}async download(e="values"){let r=this.length*I[this.type],{device:a}=this.#e,o=this.#e.buffer(`read ${e}`,r,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let s=a.createCommandEncoder();s.copyBufferToBuffer(this.#n(e),0,o,0,r),a.queue.submit([s.finish()]),await o.mapAsync(GPUMapMode.READ),this.#e.check();let n=o.getMappedRange(0,r).slice(0),i=this.type==="f16"?oe(new Uint16Array(n)):new Float32Array(n);return new Map([...this.#r.values()].map(({spec:c,offset:l,length:u})=>[c.name,Mo(i.subarray(l,l+u),c)]))}finally{this.#e.release(o)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#o(e){let r=nt/I[this.type];return Math.ceil(e/r)*r}#s(e){let r=this.#r.get(e);if(!r)throw new k(`Cannot find the parameter ${e}`);return r}#n(e){let r=this.#t.get(e);if(!r){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;r=this.#e.buffer(`parameters.${e}`,this.length*I[this.type],a),this.#t.set(e,r)}return r}};function No(t){return t.reduce((e,r)=>e+P(r),0)}function jr({shape:t,sources:e}){if(t.length===1)return P(t[0]);let[r,a,o,s]=t;return r*a*No(e??[o])*P(s)}function jo(t,e){let{shape:r,sources:a}=e,o=r[r.length-1],s=_e(t,o);if(r.length===1)return s;let n=P(o),i=new Float32Array(jr(e));return Mr(r,a,(c,l)=>i.set(s.subarray(c*n,(c+1)*n),l*n)),i}function Mo(t,e){let{shape:r,sources:a}=e,o=r[r.length-1];if(r.length===1)return le(t,o).slice(0,o);let s=P(o),n=new Float32Array(z(r.slice(0,-1))*s);return Mr(r,a,(i,c)=>n.set(t.subarray(c*s,(c+1)*s),i*s)),le(n,o).slice()}function Mr(t,e,r){let a=t[0]*t[1],o=0,s=0;for(let n=0;n<a;n++)for(let i of e??[t[2]]){for(let c=0;c<i;c++)r(o++,s+c);s+=P(i)}}var Go={name:"pixel_shuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"},types:{value:["x","y"],value4:["y"]}},Io={name:"pixel_shuffle_grad",params:["batch","height","width","channels","factor","x_c4","y_c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},types:{source:["dy"],activated4:["activated"],result4:["dx"]},includes:["activation"]};function Gr(t,e,r,a="shuffle"){let[o,s,n,i]=e.shape,c=i/r**2;if(!Number.isInteger(c))throw new k(`Cannot record pixel shuffle "${a}": ${U(e.shape)} has no multiple of ${r**2} channels`);let l=t.tensor([o,s*r,n*r,c],a,{type:e.type}),u={batch:o,height:s,width:n,channels:c,factor:r,x_c4:P(i)/4,y_c4:P(c)/4};return t.within(a,()=>{t.dispatch(Go,{x:e,y:l},{params:u,invocations:N(l)}),t.gradient(l,d=>{let{gradient:p,accumulate:m}=t.gradientOf(e),{activated:f,constants:h}=D(e,d);t.dispatch(Io,{dy:d,activated:f,dx:p},{params:{...u,accumulate:Number(m)},constants:h,invocations:N(e)})})}),l}var Bo={name:"pixel_unshuffle",params:["batch","height","width","channels","factor","x_c4","y_c4"],bindings:{x:"read",y:"read_write"}};function Ir(t,e,r,a="unshuffle"){let[o,s,n,i]=e.shape;if(s%r||n%r)throw new k(`Cannot record pixel unshuffle "${a}": ${U(e.shape)} is no multiple of ${r} each way`);let[c,l]=[s/r,n/r],u=t.tensor([o,c,l,i*r**2],a);return t.within(a,()=>{t.dispatch(Bo,{x:e,y:u},{params:{batch:o,height:c,width:l,channels:i,factor:r,x_c4:P(i)/4,y_c4:P(i*r**2)/4},invocations:N(u)})}),u}var Wo=[1,2,4],Lo=[1,2,4];function Br(t={}){let{base:e=16,depth:r=(t.widths?.length??4)-1,blocks:a=2}=t,o=(l,u,d,p)=>{if(!Number.isInteger(u)||u<d||u>p)throw new RangeError(`Cannot make a U-Net: ${l} must be a whole number from ${d} to ${p}, got ${u}`)};o("base",e,1,512),o("depth",r,0,6),o("blocks",a,1,16);let s={channels:t.channels??3,widths:t.widths??Array.from({length:r+1},(l,u)=>e*2**u),encoderBlocks:t.encoderBlocks??Array(r+1).fill(a),decoderBlocks:t.decoderBlocks??Array(r).fill(a),activation:t.activation??"leaky-relu",down:t.down??"max-pool",up:t.up??"nearest",residual:t.residual??!0,corrects:t.corrects??"all",filled:t.filled??!1,residualBlocks:t.residualBlocks??!0,unshuffle:t.unshuffle??1,scale:t.scale??1};if(!Wo.includes(s.scale))throw new RangeError(`Cannot make a U-Net: scale must be 1, 2 or 4, got ${s.scale}`);if(!Lo.includes(s.unshuffle))throw new RangeError(`Cannot make a U-Net: unshuffle must be 1, 2 or 4, got ${s.unshuffle}`);if(s.unshuffle!==1&&s.scale!==1)throw new RangeError(`Cannot make a U-Net: unshuffle=${s.unshuffle} needs scale=1`);o("channels",s.channels,1,16);let{widths:n,encoderBlocks:i,decoderBlocks:c}=s;if(n.forEach(l=>o("a width",l,1,4096)),i.forEach(l=>o("a scale's encoder blocks",l,1,16)),c.forEach(l=>o("a scale's decoder blocks",l,1,16)),i.length!==n.length||c.length!==n.length-1)throw new RangeError(`Cannot make a U-Net: ${n.length} widths want ${n.length} encoder and ${n.length-1} decoder block counts, got ${i.length} and ${c.length}`);for(let[l,u,d]of[["activation",s.activation,["none","relu","leaky-relu"]],["down",s.down,["max-pool","stride"]],["up",s.up,["nearest","bilinear"]],["corrects",s.corrects,["all","extremes","holes"]]])if(!d.includes(u))throw new RangeError(`Cannot make a U-Net: ${l} must be one of ${d.join(", ")}, got ${u}`);if(s.corrects!=="all"&&!(s.residual&&s.scale===1))throw new RangeError(`Cannot make a U-Net: corrects=${s.corrects} needs residual=true and scale=1`);return s}function ve(t){return t.unshuffle*2**(t.widths.length-1)}function ae(t){let{channels:e,widths:r,encoderBlocks:a,decoderBlocks:o,activation:s,down:n,up:i,residual:c,residualBlocks:l,unshuffle:u}=t,d=t.scale,p=[],m=[],f=(g,T,A,C,L,K=1,F=3)=>{p.push({op:"conv2d",name:g,inputs:T,output:g,kernel:F,stride:K,inChannels:A,outChannels:C,activation:L});let X=A.reduce((V,te)=>V+te,0);return m.push({name:`${g}.weight`,shape:[F,F,X,C]},{name:`${g}.bias`,shape:[C]}),g},h=(g,T,A)=>{let C=f(g,[T],[A],A,s);return l?(p.push({op:"add",inputs:[T,C],output:`${g}.sum`}),`${g}.sum`):C},w=r.length-1,b=[],v=t.filled?"filled":void 0;v&&p.push({op:"fillHoles",input:"image",output:v});let y=g=>{if(u===1)return g;let T=`${g}.unshuffled`;return p.push({op:"pixelUnshuffle",input:g,output:T,factor:u}),T},S=(v?["image",v]:["image"]).map(y),x=S[0],_=e*u**2;for(let g=0;g<=w;g++){g>0&&(b.push(x),n==="stride"?(x=f(`down${g}`,[x],[_],r[g],s,2),_=r[g]):(p.push({op:"maxPool",input:x,output:`pool${g}`}),x=`pool${g}`));let T=g===0?S:[x];x=f(`enc${g}.0`,T,T.map(()=>_),r[g],s),_=r[g];for(let A=1;A<a[g];A++)x=h(`enc${g}.${A}`,x,_)}for(let g=w-1;g>=0;g--){p.push({op:"upsample",input:x,output:`up${g}`,mode:i}),x=f(`dec${g}.0`,[`up${g}`,b[g]],[_,r[g]],r[g],s),_=r[g];for(let T=1;T<o[g];T++)x=h(`dec${g}.${T}`,x,_)}let R=d===1?u:d;if(x=f("out",[x],[_],e*R**2,"none"),R!==1&&(p.push({op:"pixelShuffle",input:x,output:"shuffled",factor:R}),x="shuffled"),c){let g="image";for(let T=2;T<=d;T*=2)p.push({op:"upsample",input:g,output:`image.x${T}`,mode:"bilinear"}),g=`image.x${T}`;p.push(t.corrects==="all"?{op:"add",inputs:[g,x],output:"restored"}:{op:"addAtExtremes",inputs:[g,v??g,x],extremes:t.corrects==="holes"?"holes":"values",output:"restored"}),x="restored"}return{nodes:p,parameters:m,output:x}}function Wr(t){let e=new Map([["image",{scale:1,radius:0}]]);for(let r of ae(t).nodes){let o=("inputs"in r?r.inputs:[r.input]).map(i=>e.get(i)),s=Math.max(...o.map(i=>i.radius)),n=o[0].scale;r.op==="conv2d"?e.set(r.output,{scale:n*r.stride,radius:s+(r.kernel-1)/2*n}):r.op==="maxPool"?e.set(r.output,{scale:n*2,radius:s+n}):r.op==="upsample"?e.set(r.output,{scale:n/2,radius:s+(r.mode==="nearest"?n/2:n)}):r.op==="fillHoles"?e.set(r.output,{scale:n,radius:s+n*3}):r.op==="pixelShuffle"?e.set(r.output,{scale:n/r.factor,radius:s}):r.op==="pixelUnshuffle"?e.set(r.output,{scale:n*r.factor,radius:s+n*(r.factor-1)}):e.set(r.output,{scale:n,radius:s})}return e.get(ae(t).output).radius}function Lr(t,e,r="f32"){let a=ae(e),o=new Map(a.nodes.flatMap(s=>s.op==="conv2d"?[[`${s.name}.weight`,s.inChannels]]:[]));return new Ce(t,a.parameters.map(s=>({...s,sources:o.get(s.name)})),r)}function $r(t,e,r,a,o={}){let s=ve(r),[,n,i,c]=e.shape;if(n%s||i%s||c!==r.channels)throw new k(`Cannot record the U-Net: the image is ${n}×${i}×${c}, it takes multiples of ${s} and ${r.channels} channels`);let l=ae(r),u=new Map([["image",e]]),d=new Set([e]),p=f=>{let h=u.get(f);if("upsampled"in h)throw new k(`Cannot record the U-Net: ${f} is read by more than a convolution`);return h},m=Ko(l);for(let f of l.nodes)if(!u.has(f.output))if(f.op==="conv2d"){let h=f.inputs.map(y=>u.get(y)),w=m.get(f.output),b=w&&{tensor:p(w.inputs[0]),name:w.output},v=Er(t,h,a,f,{...o,withoutGradient:d,residual:b});u.set(w?.output??f.output,v)}else if(f.op==="maxPool")u.set(f.output,Nr(t,p(f.input),f.output));else if(f.op==="fillHoles"){let h=Cr(t,p(f.input),f.output);d.add(h),u.set(f.output,h)}else if(f.op==="pixelUnshuffle"){let h=Ir(t,p(f.input),f.factor,f.output);d.add(h),u.set(f.output,h)}else if(f.op==="addAtExtremes"){let[h,w,b]=f.inputs.map(p);u.set(f.output,Nt(t,h,w,b,f.extremes,f.output,d))}else if(f.op==="add"){let[h,w]=f.inputs.map(p);u.set(f.output,Se(t,h,w,f.output,d))}else f.op==="pixelShuffle"?u.set(f.output,Gr(t,p(f.input),f.factor,f.output)):f.mode==="nearest"?u.set(f.output,{upsampled:p(f.input)}):u.set(f.output,Ur(t,p(f.input),f.mode,f.output,d));return p(l.output)}function Ko({nodes:t,output:e}){let r=new Map([[e,1]]);for(let s of t)for(let n of"inputs"in s?s.inputs:[s.input])r.set(n,(r.get(n)??0)+1);let a=new Set(t.flatMap(s=>s.op==="conv2d"?[s.output]:[])),o=t.filter(s=>s.op==="add");return new Map(o.flatMap(s=>{let[,n]=s.inputs;return a.has(n)&&r.get(n)===1?[[n,s]]:[]}))}var Do=2,Ne=class{topology;#e;#r;#t=new Map;#a=!1;constructor(e,r,a={}){let{precision:o="f32"}=a;if(o==="f16"&&!e.half)throw new k("Cannot run in f16: the device was opened without it");this.topology=r.topology,this.#e=e,this.#r=Lr(e,r.topology,o),this.#r.upload(r.parameters)}async predict(e,r){if(this.#a)throw new k("Cannot run the network: it has been disposed of");let a=this.#o(r);a.uses++;try{let o=await a.plan;if(this.#a)throw new k("Cannot run the network: it has been disposed of");return o.write("image",e),o.run(),await o.read("restored")}finally{a.uses--,this.#n(this.#a?0:Do)}}#o(e){let r=e.join("×"),a=this.#t.get(r),o=a??{plan:this.#s(e),uses:0};return this.#t.delete(r),this.#t.set(r,o),a||o.plan.then(s=>o.built=s,()=>this.#t.delete(r)),o}async#s(e){let r=new ke({training:!1});return r.output("restored",$r(r,r.input("image",e),this.topology,this.#r)),await At(this.#e,r)}#n(e){for(let[r,{built:a,uses:o}]of this.#t){if(this.#t.size<=e)break;o>0||(this.#t.delete(r),a?.[Symbol.dispose]())}}[Symbol.dispose](){this.#a=!0,this.#n(0),this.#r[Symbol.dispose]()}};var ce=class extends Error{name="TileTooLargeError"};function Fo(t,e="f32"){return t.software?256:e==="f16"?1448:1024}var je=class{topology;device;preferredTile;precision;concurrency=2;#e;#r;#t;constructor(e,r,a,o={}){this.topology=r,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.precision=o.precision??"f32",this.preferredTile=Fo(e.adapter,this.precision),this.#e=e,this.#r=o.owned??!1,this.#t=new Ne(e,{topology:r,parameters:a},{precision:this.precision})}async run(e,r,a){try{return await this.#t.predict(e,[1,r,a,this.topology.channels])}catch(o){let s=await this.#e.loss();throw s?new re(s.message,{cause:o}):o instanceof q?new ce(o.message,{cause:o}):o}}get times(){let{prepare:e,upload:r,compute:a,download:o}=this.#e.times;return{prepare:e,upload:r,network:a,download:o}}[Symbol.dispose](){this.#t[Symbol.dispose](),this.#r&&this.#e[Symbol.dispose]()}};var j=class extends Error{name="UserError";constructor(e,r){super(e,r),this.exitCode=r?.exitCode??1}exitCode};var it="shader-f16",ct="subgroups";var zo=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function qo(t){let e=/llvmpipe \(LLVM (\d+)/i.exec(t);return e?Number(e[1]):void 0}function Ho(){let t=globalThis.Deno;if(t)try{t.build.os==="linux"&&!t.env.get("DENO_WEBGPU_BACKEND")&&t.env.set("DENO_WEBGPU_BACKEND","vulkan"),t.build.os==="linux"&&!t.env.get("XDG_RUNTIME_DIR")&&t.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Kr(){Ho();let t=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!t)return;let{description:e,device:r,vendor:a,architecture:o}=t.info,s=e||r||`${a} ${o}`.trim()||"unnamed adapter";return{adapter:t,summary:{name:s,vendor:a,architecture:o,software:zo.test(`${s} ${a} ${o}`),llvm:qo(s),features:[...t.features].sort()}}}function Dr({info:t}){return t.subgroupMinSize===t.subgroupMaxSize?t.subgroupMinSize:void 0}var ut={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
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
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: all parameters, those of a job are job.count vec4 f32 from vec4 job.first on; norm: ‖g‖² in x.
// An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let place = i32(id.x + id.y * groups.x * 64u);
  if (place >= job.count) { return; }
  let index = job.first + place;
  let gradient = g[index] * clip_scale(norm[0].x, now.max_norm);
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
`,add:`// Residual add: y = a + b, elementwise over vec4s, each tensor of f32 or f16, summed in f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> y: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = to_result4(vec4f(a[index]) + vec4f(b[index]));
}
`,add_at_extremes:`// Correction of extremes: y = base + r where x is extreme (extremes.wgsl), else y = base; over vec4s of f32; r may be f16.
// An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> base: array<vec4f>;
@group(0) @binding(3) var<storage, read> r: array<correction4>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let known = base[index];
  y[index] = select(known, known + vec4f(r[index]), extremes_of(index));
}
`,add_at_extremes_grad:`// Gradient of a correction of extremes for the correction r: dr = activation_slope(r) * dy where x is extreme (extremes.wgsl), else 0; over vec4s, x of f32,
// the others of f32 or f16, each its own;
// added to what dr holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, c4: i32, channels: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dr: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = select(vec4f(0.0), vec4f(dy[index]) * activation_slope(vec4f(activated[index])), extremes_of(index));
  if (params.accumulate != 0) { gradient += vec4f(dr[index]); }
  dr[index] = to_result4(gradient);
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4s of f32 or f16, each its own;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = vec4f(dy[index]) * activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,add_grad_in_place:`// Gradient of a residual add, for both of its terms at once: da = activation_slope(a) * dy takes the place of dy, which nobody needs
// any more, and db = activation_slope(b) * dy is added to what db holds when params.accumulate is set. Elementwise over vec4s of f32 or f16, each
// its own; an
// invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_a: u32, activation_b: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<a4>;
@group(0) @binding(2) var<storage, read> b: array<b4>;
@group(0) @binding(3) var<storage, read_write> dy: array<gradient4>;
@group(0) @binding(4) var<storage, read_write> db: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = vec4f(dy[index]);
  dy[index] = to_gradient4(gradient * slope_as(vec4f(a[index]), params.activation_a));
  var to_b = gradient * slope_as(vec4f(b[index]), params.activation_b);
  if (params.accumulate != 0) { to_b += vec4f(db[index]); }
  db[index] = to_result4(to_b);
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32 or f16, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  var pixel = slice * params.slice_pixels;
  loop {
    sum += vec4f(dy[pixel * params.out4 + o]);
    pixel++;
    if (pixel >= end) { break; }
  }
  partials[index] = sum;
}
`,conv2d_body8x4:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says, by tiles of 8×4 pixels: all of conv2d_tile8x4 and conv2d_subgroup8x4 but where
// weights come from. Included behind conv2d_tile.wgsl and conv2d_kernel9.wgsl.
// An invocation owns 8×4 pixels by 4·OUTPUTS4 outputs (4, 8 or 16: one, two or four vec4s; 16 are two blocks of weights): up to 128 vec4
// accumulators, no barrier, no workgroup memory. On a software adapter a load of a vec4 costs as much as twenty multiply-adds of one, from
// a storage buffer twice that: so the tile is large, every pixel and weight is loaded once for each four inputs, and the sums spill to
// the stack, which is cheap. A compiler that takes long over straight code (SwiftShader's: minutes) is better served by conv2d_tile8.

// Four rows of eight pixels, four channels.
struct Tile {
  r0: Sums,
  r1: Sums,
  r2: Sums,
  r3: Sums,
}

fn filled(value: vec4f) -> Tile { return Tile(eight(value), eight(value), eight(value), eight(value)); }

// Adds what each of the six rows of pixels that a tile meets gives to it.
fn add0(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(first_row(s.r0, v, k), s.r1, s.r2, s.r3); }
fn add1(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(second_row(s.r0, v, k), first_row(s.r1, v, k), s.r2, s.r3); }
fn add2(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(third_row(s.r0, v, k), second_row(s.r1, v, k), first_row(s.r2, v, k), s.r3);
}
fn add3(s: Tile, v: Pixels, k: Kernel) -> Tile {
  return Tile(s.r0, third_row(s.r1, v, k), second_row(s.r2, v, k), first_row(s.r3, v, k));
}
fn add4(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, third_row(s.r2, v, k), second_row(s.r3, v, k)); }
fn add5(s: Tile, v: Pixels, k: Kernel) -> Tile { return Tile(s.r0, s.r1, s.r2, third_row(s.r3, v, k)); }

// What y holds, to add to, from the tile's first pixel on; \`below\` rows are inside of the image. What is outside reads inside, and is not stored.
fn tile_loaded(at: i32, row: i32, below: i32, last: i32) -> Tile {
  return Tile(
    loaded(at, last),
    loaded(at + min(1, below) * row, last),
    loaded(at + min(2, below) * row, last),
    loaded(at + min(3, below) * row, last),
  );
}

fn tile_store(at: i32, row: i32, below: i32, last: i32, s: Tile) {
  store(at, last, s.r0);
  if (below >= 1) { store(at + row, last, s.r1); }
  if (below >= 2) { store(at + 2 * row, last, s.r2); }
  if (below >= 3) { store(at + 3 * row, last, s.r3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let across = (params.width + 7) / 8;
  let down = (params.height + 3) / 4;
  let at_place = place(id, group, groups, params.batch * across * down);
  let lane = i32(local % 8u);
  let tile = at_place.tile;
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 4;
  let n = tile / (across * down);
  // Of four outputs, the first half of a block; of sixteen, two blocks.
  let block = at_place.block * ((OUTPUTS4 + 1) / 2) * params.block_vec4s;
  let out = params.first_block * 2 + at_place.block * OUTPUTS4;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + out;

  let bias = block + 72 * params.in4;
  var s0 = filled(w[bias]);
  var s1 = filled(w[bias + 1]);
  var s2 = filled(w[bias + params.block_vec4s]);
  var s3 = filled(w[bias + params.block_vec4s + 1]);
  if (MODE == 2u) {
    let more = params.out4 - 1 - out;
    s0 = tile_loaded(at, row, below, last);
    if (OUTPUTS4 > 1) { s1 = tile_loaded(at + min(1, more), row, below, last); }
    if (OUTPUTS4 > 2) {
      s2 = tile_loaded(at + min(2, more), row, below, last);
      s3 = tile_loaded(at + min(3, more), row, below, last);
    }
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let first = block + c * 8;
    // What is not used is not loaded.
    let k0 = first_outputs(first, step, lane);
    let k1 = last_outputs(first, step, lane);
    let k2 = first_outputs(first + params.block_vec4s, step, lane);
    let k3 = last_outputs(first + params.block_vec4s, step, lane);
    let v0 = pixels(n, y0 - 1, x0, c);
    s0 = add0(s0, v0, k0);
    if (OUTPUTS4 > 1) { s1 = add0(s1, v0, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add0(s2, v0, k2);
      s3 = add0(s3, v0, k3);
    }
    let v1 = pixels(n, y0, x0, c);
    s0 = add1(s0, v1, k0);
    if (OUTPUTS4 > 1) { s1 = add1(s1, v1, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add1(s2, v1, k2);
      s3 = add1(s3, v1, k3);
    }
    let v2 = pixels(n, y0 + 1, x0, c);
    s0 = add2(s0, v2, k0);
    if (OUTPUTS4 > 1) { s1 = add2(s1, v2, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add2(s2, v2, k2);
      s3 = add2(s3, v2, k3);
    }
    let v3 = pixels(n, y0 + 2, x0, c);
    s0 = add3(s0, v3, k0);
    if (OUTPUTS4 > 1) { s1 = add3(s1, v3, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add3(s2, v3, k2);
      s3 = add3(s3, v3, k3);
    }
    let v4 = pixels(n, y0 + 3, x0, c);
    s0 = add4(s0, v4, k0);
    if (OUTPUTS4 > 1) { s1 = add4(s1, v4, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add4(s2, v4, k2);
      s3 = add4(s3, v4, k3);
    }
    let v5 = pixels(n, y0 + 4, x0, c);
    s0 = add5(s0, v5, k0);
    if (OUTPUTS4 > 1) { s1 = add5(s1, v5, k1); }
    if (OUTPUTS4 > 2) {
      s2 = add5(s2, v5, k2);
      s3 = add5(s3, v5, k3);
    }
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  // Not before: lanes that have no tile of their own share their loads with those that have.
  if (!at_place.inside) { return; }
  tile_store(at, row, below, last, s0);
  if (OUTPUTS4 > 1 && out + 1 < params.out4) { tile_store(at + 1, row, below, last, s1); }
  if (OUTPUTS4 > 2 && out + 2 < params.out4) { tile_store(at + 2, row, below, last, s2); }
  if (OUTPUTS4 > 2 && out + 3 < params.out4) { tile_store(at + 3, row, below, last, s3); }
}
`,conv2d_gemm:`// Convolution k×k of any stride, and its input gradient, as a matrix product (implicit GEMM, on top of gemm_tile.wgsl): rows are pixels of
// the result, columns its channels, k runs over channels of the source (4·K4 at a time) and, inside of these, over taps.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx
// holds when params.accumulate is set; with stride 2, dy is read as if there were zeros between its pixels.
// Sources a and b, joined along the channels: [N,H,W,4·(a4|b4)]; a is smaller by 2^shift: nearest upsampling by the address, or the
// zeros between pixels (params.holes 1). w: [k·k][4·in4][out4] vec4 over outputs, as the parameters lie. y: [N,rows,columns,4·target4].
// All are f32 or f16, added up in f32: where products are f16 (CHUNK not 0), their sums over CHUNK fetches of k are added to f32 ones.
// A workgroup owns 8 pixels across by M/8 down. An invocation fetches four pixels by four channels of A, or a 4×4 block of B.
struct Params {
  batch: i32, rows: i32, columns: i32, height: i32, width: i32,
  a4: i32, b4: i32, shift: u32, holes: i32,
  target4: i32, in4: i32, out4: i32, first4: i32,
  kernel: i32, stride: i32, batch_weights: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward. 2: the product alone, each of the batch with weights of its own, params.batch_weights vec4s apart.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

// Four channels of a pixel of the sources; outside of the image and between pixels zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> tile4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  let inside = row == kept_row && column == kept_column && ((row | column) & params.holes) == 0;
  var v: tile4;
  if (c < params.a4 || params.b4 == 0) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = tile4(a[(base + (kept_column >> params.shift)) * params.a4 + min(c, params.a4 - 1)]);
  } else {
    v = tile4(b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + min(c - params.a4, params.b4 - 1)]);
  }
  return select(tile4(), v, inside && c < params.a4 + params.b4);
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
  let v = Four(
    tile4(w[at]),
    tile4(w[at + params.out4]),
    tile4(w[at + 2 * params.out4]),
    tile4(w[at + 3 * params.out4]),
  );
  return Four(
    select(tile4(), v.v0, inside),
    select(tile4(), v.v1, inside),
    select(tile4(), v.v2, inside),
    select(tile4(), v.v3, inside),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else if (MODE == 0u) {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  } else {
    y[at] = to_result4(value);
  }
}

// The sums of an invocation in f32.
struct Totals {
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

fn added(t: Totals, s: Sums) -> Totals {
  return Totals(
    t.s0 + vec4f(s.s0),
    t.s1 + vec4f(s.s1),
    t.s2 + vec4f(s.s2),
    t.s3 + vec4f(s.s3),
    t.s4 + vec4f(s.s4),
    t.s5 + vec4f(s.s5),
    t.s6 + vec4f(s.s6),
    t.s7 + vec4f(s.s7),
    t.t0 + vec4f(s.t0),
    t.t1 + vec4f(s.t1),
    t.t2 + vec4f(s.t2),
    t.t3 + vec4f(s.t3),
    t.t4 + vec4f(s.t4),
    t.t5 + vec4f(s.t5),
    t.t6 + vec4f(s.t6),
    t.t7 + vec4f(s.t7),
  );
}

// Four pixels of a row, four channels.
struct Pixels {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores four pixels of a row by four channels, those that are inside.
fn store(n: i32, row: i32, column: i32, o: i32, f: Pixels) {
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
  var b0 = vec4f();
  var b1 = vec4f();
  if (MODE == 1u) {
    b0 = vec4f(bias[min(o0 + o, params.target4 - 1)]);
    b1 = vec4f(bias[min(o0 + o + ACROSS_N, params.target4 - 1)]);
  }
  // The bias is where the sums are f32.
  var s = Sums();
  var total = Totals();
  if (CHUNK == 0) {
    let p0 = product4(b0);
    let p1 = product4(b1);
    s = Sums(p0, p0, p0, p0, p0, p0, p0, p0, p1, p1, p1, p1, p1, p1, p1, p1);
  } else {
    total = Totals(b0, b0, b0, b0, b0, b0, b0, b0, b1, b1, b1, b1, b1, b1, b1, b1);
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
    if (step >= 0) {
      multiply(&s, step & 1, m, o);
      if (CHUNK != 0) {
        if (step % max(CHUNK, 1) == CHUNK - 1) {
          total = added(total, s);
          s = Sums();
        }
      }
    }
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

  total = added(total, s);
  let near = row0 + m / 2;
  let far = row0 + (m + ACROSS_M) / 2;
  let first = column0 + m % 2 * 4;
  store(n, near, first, o0 + o, Pixels(total.s0, total.s1, total.s2, total.s3));
  store(n, far, first, o0 + o, Pixels(total.s4, total.s5, total.s6, total.s7));
  if (VECS == 2) {
    store(n, near, first, o0 + o + ACROSS_N, Pixels(total.t0, total.t1, total.t2, total.t3));
    store(n, far, first, o0 + o + ACROSS_N, Pixels(total.t4, total.t5, total.t6, total.t7));
  }
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4], w: [k·k][4·in4][out4] vec4 f32, dx: [N,H,W,4·target4], each f32 or f16, for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dx: array<result4>;

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
        let d = vec4f(dy[at + o]);
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { sum += vec4f(dx[index]); }
  dx[index] = to_result4(sum);
}
`,conv2d_kernel9:`// Included behind conv2d_tile by the kernels that hold all nine taps of a kernel at once.

// A kernel's nine taps, row by row.
struct Kernel {
  w00: Tap,
  w01: Tap,
  w02: Tap,
  w10: Tap,
  w11: Tap,
  w12: Tap,
  w20: Tap,
  w21: Tap,
  w22: Tap,
}

// The taps from \`first\` on, \`step\` apart.
fn kernel(first: i32, step: i32) -> Kernel {
  return Kernel(
    tap(first),
    tap(first + step),
    tap(first + 2 * step),
    tap(first + 3 * step),
    tap(first + 4 * step),
    tap(first + 5 * step),
    tap(first + 6 * step),
    tap(first + 7 * step),
    tap(first + 8 * step),
  );
}

// Adds what a row of pixels gives to a row of results that meets it with the kernel's first, second or third row.
fn first_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w00, k.w01, k.w02); }
fn second_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w10, k.w11, k.w12); }
fn third_row(s: Sums, v: Pixels, k: Kernel) -> Sums { return taps(s, v, k.w20, k.w21, k.w22); }
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4]; f32 or f16, summed in f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read_write> y: array<result4>;

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
  var sum = vec4f(bias[o]);
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
        if (c < params.a4) { v = vec4f(a[at_a + c]); } else { v = vec4f(b[at_b + c - params.a4]); }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), vec4f(w[t]), sum);
        sum = fma(vec4f(v.y), vec4f(w[t + params.out4]), sum);
        sum = fma(vec4f(v.z), vec4f(w[t + 2 * params.out4]), sum);
        sum = fma(vec4f(v.w), vec4f(w[t + 3 * params.out4]), sum);
      }
    }
  }
  y[index] = to_result4(activate(sum));
}
`,conv2d_pack:`// Rearranges the weights of 3×3 convolutions for conv2d_tile8 and conv2d_tile8x4, those of many layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs, padded with zeros, and from
// job.bias on [out4] vec4; f32 or f16.
// packed, from vec4 job.packed on: blocks of 8 results, \`job.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias, all f32, for
// the source's channels 4·source_first4 .. 4·(source_first4 + source4).
// FORWARD 1: sources are inputs, as they are. FORWARD 0: sources are outputs, for the gradient of the inputs
// 4·first4 .. 4·(first4 + target4): the taps turned by 180°, inputs and outputs exchanged, bias zero.
// An invocation owns four channels of the source by four results, all nine taps.
struct Job {
  weight: i32, bias: i32, packed: i32,
  in4: i32, out4: i32, source4: i32, source_first4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32,
}
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= job.count) { return; }
  let half = index & 1;
  let source = (index >> 1u) % job.source4;
  let block = (index >> 1u) / job.source4;
  // The last block's second half may be missing: it is read from inside, and becomes zero.
  let result = block * 2 + half;
  let kept = min(result, job.target4 - 1);
  let is = select(0.0, 1.0, result == kept);
  let channel = job.source_first4 + source;
  let first = job.packed + block * job.block_vec4s + half;
  var tap = 0;
  loop {
    let to = first + (tap * job.source4 + source) * 8;
    if (FORWARD == 1u) {
      let at = job.weight + (tap * job.in4 + channel) * 4 * job.out4 + kept;
      packed[to] = is * vec4f(weights[at]);
      packed[to + 2] = is * vec4f(weights[at + job.out4]);
      packed[to + 4] = is * vec4f(weights[at + 2 * job.out4]);
      packed[to + 6] = is * vec4f(weights[at + 3 * job.out4]);
    } else {
      let at = job.weight + ((8 - tap) * job.in4 + job.first4 + kept) * 4 * job.out4 + channel;
      let v0 = is * vec4f(weights[at]);
      let v1 = is * vec4f(weights[at + job.out4]);
      let v2 = is * vec4f(weights[at + 2 * job.out4]);
      let v3 = is * vec4f(weights[at + 3 * job.out4]);
      packed[to] = vec4f(v0.x, v1.x, v2.x, v3.x);
      packed[to + 2] = vec4f(v0.y, v1.y, v2.y, v3.y);
      packed[to + 4] = vec4f(v0.z, v1.z, v2.z, v3.z);
      packed[to + 6] = vec4f(v0.w, v1.w, v2.w, v3.w);
    }
    tap++;
    if (tap >= 9) { break; }
  }
  if (source == 0) {
    var value = vec4f();
    if (FORWARD == 1u) { value = is * vec4f(weights[job.bias + kept]); }
    packed[first + 72 * job.source4] = value;
  }
}
`,conv2d_shared_taps:`// Included behind conv2d_kernel9.wgsl by the kernels of tiles of 8×4 pixels whose lanes share weights: each lane loads an eighth of them.

fn even(q: vec4f) -> Tap {
  return Tap(
    subgroupBroadcast(q, 0u),
    subgroupBroadcast(q, 2u),
    subgroupBroadcast(q, 4u),
    subgroupBroadcast(q, 6u),
  );
}

fn odd(q: vec4f) -> Tap {
  return Tap(
    subgroupBroadcast(q, 1u),
    subgroupBroadcast(q, 3u),
    subgroupBroadcast(q, 5u),
    subgroupBroadcast(q, 7u),
  );
}

// The taps of a block's first four outputs, and of its last four, for four inputs: from \`first\` on, \`step\` apart. Both load the same, which compilers see.
fn first_outputs(first: i32, step: i32, lane: i32) -> Kernel {
  let at = first + lane;
  return Kernel(
    even(w[at]),
    even(w[at + step]),
    even(w[at + 2 * step]),
    even(w[at + 3 * step]),
    even(w[at + 4 * step]),
    even(w[at + 5 * step]),
    even(w[at + 6 * step]),
    even(w[at + 7 * step]),
    even(w[at + 8 * step]),
  );
}

fn last_outputs(first: i32, step: i32, lane: i32) -> Kernel {
  let at = first + lane;
  return Kernel(
    odd(w[at]),
    odd(w[at + step]),
    odd(w[at + 2 * step]),
    odd(w[at + 3 * step]),
    odd(w[at + 4 * step]),
    odd(w[at + 5 * step]),
    odd(w[at + 6 * step]),
    odd(w[at + 7 * step]),
    odd(w[at + 8 * step]),
  );
}
`,conv2d_subgroup8x4:`// Convolution 3×3 and its input gradient by conv2d_body8x4.wgsl (included before this, with conv2d_shared_taps.wgsl), for subgroups of eight lanes that are a workgroup each: the lanes, which
// want the same weights, load an eighth of them each and hand them around. On a software adapter a broadcast costs less than a multiply-add of a vec4, a load
// as much as twenty to fifty.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;
`,conv2d_subgroup8x4_wide:`// As conv2d_subgroup8x4.wgsl, weights from a storage buffer: a load costs twice as much, but all outputs of a wide layer are one dispatch.
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
`,conv2d_subgroup8x8:`// Convolution 3×3 and its input gradient, as conv2d_tile.wgsl says (included before this, with conv2d_kernel9.wgsl), for subgroups of eight lanes that are a
// workgroup each.
// A lane owns 8×8 pixels by four outputs (64 vec4 accumulators); OUT_LANES lanes in a row, 8 or 4, own the same pixels and outputs that follow each other.
// They load each pixel once between them and hand it around: on a software adapter a load costs as much as twenty to fifty multiply-adds of a vec4,
// a broadcast less than one.
// No lane leaves before the end: what is broadcast has to be there. Those without a tile or outputs of their own compute another's and do not store.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

// Ten pixels of a row, of which each lane loads two or three.
fn shared_pixels(n: i32, row: i32, x0: i32, c: i32, lane: i32) -> Pixels {
  let kept = clamp(row, 0, params.height - 1);
  let inside = row == kept;
  let base = (n * (params.height >> params.shift) + (kept >> params.shift)) * (params.width >> params.shift);
  let column = x0 - 1 + lane % OUT_LANES;
  let a = pixel(base, column, c, inside);
  let b = pixel(base, column + OUT_LANES, c, inside);
  if (OUT_LANES == 8) {
    return Pixels(
      subgroupBroadcast(a, 0u),
      subgroupBroadcast(a, 1u),
      subgroupBroadcast(a, 2u),
      subgroupBroadcast(a, 3u),
      subgroupBroadcast(a, 4u),
      subgroupBroadcast(a, 5u),
      subgroupBroadcast(a, 6u),
      subgroupBroadcast(a, 7u),
      subgroupBroadcast(b, 0u),
      subgroupBroadcast(b, 1u),
    );
  }
  let d = pixel(base, column + 2 * OUT_LANES, c, inside);
  return Pixels(
    quadBroadcast(a, 0u),
    quadBroadcast(a, 1u),
    quadBroadcast(a, 2u),
    quadBroadcast(a, 3u),
    quadBroadcast(b, 0u),
    quadBroadcast(b, 1u),
    quadBroadcast(b, 2u),
    quadBroadcast(b, 3u),
    quadBroadcast(d, 0u),
    quadBroadcast(d, 1u),
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let across = (params.width + 7) / 8;
  let down = (params.height + 7) / 8;
  let tiles = params.batch * across * down;
  // Tiles that the lanes of a subgroup have side by side, and their number with those that fill up the last subgroup.
  let together = WORKGROUP / OUT_LANES;
  let filled_tiles = (tiles + together - 1) / together * together;
  let index = (i32(group.x) + i32(group.y * groups.x)) * together + lane / OUT_LANES;
  let wanted_out = index / filled_tiles * OUT_LANES + lane % OUT_LANES;
  let out = min(wanted_out, 2 * params.blocks - 1);
  let tile = min(index % filled_tiles, tiles - 1);
  let x0 = (tile % across) * 8;
  let y0 = (tile / across % down) * 8;
  let n = tile / (across * down);
  let of_all = params.first_block * 2 + out;
  let stored = index % filled_tiles < tiles && wanted_out == out && of_all < params.out4;
  let block = out / 2 * params.block_vec4s + out % 2;
  let last = min(7, params.width - 1 - x0);
  let below = params.height - 1 - y0;
  let row = params.width * params.out4;
  let at = ((n * params.height + y0) * params.width + x0) * params.out4 + min(of_all, params.out4 - 1);

  let bias = eight(w[block + 72 * params.in4]);
  var s0 = bias;
  var s1 = bias;
  var s2 = bias;
  var s3 = bias;
  var s4 = bias;
  var s5 = bias;
  var s6 = bias;
  var s7 = bias;
  if (MODE == 2u) {
    // What y holds, to add to. What is outside reads inside, and is not stored.
    s0 = loaded(at, last);
    s1 = loaded(at + min(1, below) * row, last);
    s2 = loaded(at + min(2, below) * row, last);
    s3 = loaded(at + min(3, below) * row, last);
    s4 = loaded(at + min(4, below) * row, last);
    s5 = loaded(at + min(5, below) * row, last);
    s6 = loaded(at + min(6, below) * row, last);
    s7 = loaded(at + min(7, below) * row, last);
  }

  let step = params.in4 * 8;
  var c = 0;
  loop {
    let k = kernel(block + c * 8, step);
    let v0 = shared_pixels(n, y0 - 1, x0, c, lane);
    s0 = first_row(s0, v0, k);
    let v1 = shared_pixels(n, y0, x0, c, lane);
    s0 = second_row(s0, v1, k);
    s1 = first_row(s1, v1, k);
    let v2 = shared_pixels(n, y0 + 1, x0, c, lane);
    s0 = third_row(s0, v2, k);
    s1 = second_row(s1, v2, k);
    s2 = first_row(s2, v2, k);
    let v3 = shared_pixels(n, y0 + 2, x0, c, lane);
    s1 = third_row(s1, v3, k);
    s2 = second_row(s2, v3, k);
    s3 = first_row(s3, v3, k);
    let v4 = shared_pixels(n, y0 + 3, x0, c, lane);
    s2 = third_row(s2, v4, k);
    s3 = second_row(s3, v4, k);
    s4 = first_row(s4, v4, k);
    let v5 = shared_pixels(n, y0 + 4, x0, c, lane);
    s3 = third_row(s3, v5, k);
    s4 = second_row(s4, v5, k);
    s5 = first_row(s5, v5, k);
    let v6 = shared_pixels(n, y0 + 5, x0, c, lane);
    s4 = third_row(s4, v6, k);
    s5 = second_row(s5, v6, k);
    s6 = first_row(s6, v6, k);
    let v7 = shared_pixels(n, y0 + 6, x0, c, lane);
    s5 = third_row(s5, v7, k);
    s6 = second_row(s6, v7, k);
    s7 = first_row(s7, v7, k);
    let v8 = shared_pixels(n, y0 + 7, x0, c, lane);
    s6 = third_row(s6, v8, k);
    s7 = second_row(s7, v8, k);
    let v9 = shared_pixels(n, y0 + 8, x0, c, lane);
    s7 = third_row(s7, v9, k);
    c++;
    // A loop that tests at its top walks its body once more on a processor, all lanes masked.
    if (c >= params.in4) { break; }
  }

  if (!stored) { return; }
  store(at, last, s0);
  if (below >= 1) { store(at + row, last, s1); }
  if (below >= 2) { store(at + 2 * row, last, s2); }
  if (below >= 3) { store(at + 3 * row, last, s3); }
  if (below >= 4) { store(at + 4 * row, last, s4); }
  if (below >= 5) { store(at + 5 * row, last, s5); }
  if (below >= 6) { store(at + 6 * row, last, s6); }
  if (below >= 7) { store(at + 7 * row, last, s7); }
}
`,conv2d_thin:`// Included by the convolutions with few channels on one side: a workgroup owns 32 pixels across by 8 down, an invocation four of a column, so that neighbours
// read neighbouring addresses. \`params\` and the sources a and b, joined along the channels, are the kernel's.
const ACROSS = 32;
const DOWN = 8;
const THREADS = 64;
// Pixels with those around them.
const WIDE = ACROSS + 2;
const PIXELS = WIDE * (DOWN + 2);

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(n: i32, row: i32, column: i32, c: i32) -> source4 {
  let kept_row = clamp(row, 0, params.height - 1);
  let kept_column = clamp(column, 0, params.width - 1);
  var v: source4;
  if (c < params.a4) {
    let base = (n * (params.height >> params.shift) + (kept_row >> params.shift)) * (params.width >> params.shift);
    v = a[(base + (kept_column >> params.shift)) * params.a4 + c];
  } else {
    v = b[((n * params.height + kept_row) * params.width + kept_column) * params.b4 + c - params.a4];
  }
  return select(source4(), v, row == kept_row && column == kept_column);
}

// The first pixel of a workgroup; n is -1 where there is none left for it.
struct Corner {
  n: i32,
  row: i32,
  column: i32,
}

fn corner(tile: i32) -> Corner {
  let across = (params.width + ACROSS - 1) / ACROSS;
  let down = (params.height + DOWN - 1) / DOWN;
  if (tile >= params.batch * down * across) { return Corner(-1, 0, 0); }
  return Corner(tile / (across * down), tile / across % down * DOWN, tile % across * ACROSS);
}
`,conv2d_thin_in:`// Convolution 3×3 with stride 1 of at most eight channels, a network's first, and the input gradient of one whose result has at most four, its last: for GPUs,
// where a matrix product would meet a barrier for each tap and four channels.
// Forward: y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]), and what \`activated\` holds added where RESIDUAL is 1.
// Input gradient: dx = activation_slope(x) * (the same over dy, taps turned by 180°, inputs and outputs exchanged), added to what dx holds when params.accumulate is set.
// Sources a and b joined along the channels, [N,H,W,4·(a4|b4)], two vec4s at most (a smaller by 2^shift: nearest upsampling by the address);
// w: [3·3][4·in4][out4] vec4 over outputs, y: [N,H,W,4·target4]; f32 or f16, added up in f32.
// On top of conv2d_thin.wgsl, eight channels of the result at a time. The source's pixels, and one more on each side, lie in
// workgroup memory after the only barrier; weights, which all want at once, come from the cache.
struct Params {
  batch: i32, height: i32, width: i32, a4: i32, b4: i32, shift: u32,
  target4: i32, in4: i32, out4: i32, first4: i32, accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

// 0: input gradient. 1: forward.
override MODE: u32 = 1u;
override RESIDUAL: u32 = 0u;

var<workgroup> pixels: array<source4, 2 * PIXELS>;

// Weights of four channels of the source, one a member, by four of the result.
struct Four {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

fn weights(tap: i32, c: i32, o: i32) -> Four {
  if (MODE == 1u) {
    let at = (tap * params.in4 + c) * 4 * params.out4 + o;
    return Four(
      vec4f(w[at]),
      vec4f(w[at + params.out4]),
      vec4f(w[at + 2 * params.out4]),
      vec4f(w[at + 3 * params.out4]),
    );
  }
  let at = ((8 - tap) * params.in4 + params.first4 + o) * 4 * params.out4 + c;
  let f = Four(
    vec4f(w[at]),
    vec4f(w[at + params.out4]),
    vec4f(w[at + 2 * params.out4]),
    vec4f(w[at + 3 * params.out4]),
  );
  return Four(
    vec4f(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    vec4f(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    vec4f(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    vec4f(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

fn times(v: vec4f, f: Four, sum: vec4f) -> vec4f {
  var s = fma(vec4f(v.x), f.v0, sum);
  s = fma(vec4f(v.y), f.v1, s);
  s = fma(vec4f(v.z), f.v2, s);
  return fma(vec4f(v.w), f.v3, s);
}

// Four pixels of a column.
struct Column {
  s0: vec4f,
  s1: vec4f,
  s2: vec4f,
  s3: vec4f,
}

// Stores what is inside of four channels of the result.
fn store(n: i32, row: i32, column: i32, o: i32, s: Column) {
  if (column >= params.width || o >= params.target4) { return; }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + o;
  let down = params.width * params.target4;
  if (row < params.height) { put(at, s.s0); }
  if (row + 1 < params.height) { put(at + down, s.s1); }
  if (row + 2 < params.height) { put(at + 2 * down, s.s2); }
  if (row + 3 < params.height) { put(at + 3 * down, s.s3); }
}

fn put(at: i32, sum: vec4f) {
  if (MODE == 1u) {
    var result = activate_as(sum, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = sum * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
  }
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let at = corner(i32(group.x + group.y * groups.x));
  if (at.n < 0) { return; }
  let t = i32(local);
  let source4s = params.a4 + params.b4;

  for (var place = t; place < source4s * PIXELS; place += THREADS) {
    let i = place % PIXELS;
    pixels[place] = pixel(at.n, at.row + i / WIDE - 1, at.column + i % WIDE - 1, place / PIXELS);
  }
  workgroupBarrier();

  let x = t % ACROSS;
  let first = t / ACROSS * 4;
  for (var o = 0; o < params.target4; o += 2) {
    // Of an odd number of vec4s the last is computed twice, and stored once.
    let next = min(o + 1, params.target4 - 1);
    var b0 = vec4f();
    var b1 = vec4f();
    if (MODE == 1u) {
      b0 = vec4f(bias[o]);
      b1 = vec4f(bias[next]);
    }
    var p = Column(b0, b0, b0, b0);
    var q = Column(b1, b1, b1, b1);
    for (var c = 0; c < source4s; c++) {
      for (var tap = 0; tap < 9; tap++) {
        let top = c * PIXELS + (first + tap / 3) * WIDE + x + tap % 3;
        let v0 = vec4f(pixels[top]);
        let v1 = vec4f(pixels[top + WIDE]);
        let v2 = vec4f(pixels[top + 2 * WIDE]);
        let v3 = vec4f(pixels[top + 3 * WIDE]);
        let f = weights(tap, c, o);
        p = Column(times(v0, f, p.s0), times(v1, f, p.s1), times(v2, f, p.s2), times(v3, f, p.s3));
        let g = weights(tap, c, next);
        q = Column(times(v0, g, q.s0), times(v1, g, q.s1), times(v2, g, q.s2), times(v3, g, q.s3));
      }
    }
    store(at.n, at.row + first, at.column + x, o, p);
    store(at.n, at.row + first, at.column + x, o + 1, q);
  }
}
`,conv2d_thin_out:`// Convolution 3×3 with stride 1 whose result has at most four channels, a network's last: for GPUs, where a tile of a matrix product would compute
// twelve of sixteen columns in vain.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]), and what \`activated\` holds added where RESIDUAL is 1.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] (a smaller by 2^shift: nearest upsampling by the address);
// w: [3·3][4·in4] vec4 over outputs, bias: one vec4, y: [N,H,W,4]; f32 or f16, added up in f32.
// On top of conv2d_thin.wgsl. Four channels of a workgroup's pixels, and of one more on each side, and the weights of these channels lie in workgroup memory, twice: while one
// half is multiplied the loads for the other are under way, so there is one barrier for each four channels.
struct Params {
  batch: i32, height: i32, width: i32, a4: i32, b4: i32, shift: u32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<source4>;
@group(0) @binding(2) var<storage, read> b: array<source4>;
@group(0) @binding(3) var<storage, read> w: array<weight4>;
@group(0) @binding(4) var<storage, read> bias: array<weight4>;
@group(0) @binding(5) var<storage, read> activated: array<activated4>;
@group(0) @binding(6) var<storage, read_write> y: array<result4>;

override RESIDUAL: u32 = 0u;

// Weights of four channels: nine taps by four.
const WEIGHTS = 36;

var<workgroup> pixels: array<source4, 2 * PIXELS>;
var<workgroup> weights: array<weight4, 2 * WEIGHTS>;

// Four channels of one of the pixels that workgroup memory holds, or of the last.
fn fetched(at: Corner, place: i32, c: i32) -> source4 {
  let i = min(place, PIXELS - 1);
  return pixel(at.n, at.row + i / WIDE - 1, at.column + i % WIDE - 1, c);
}

fn put(n: i32, row: i32, column: i32, sum: vec4f) {
  if (row >= params.height || column >= params.width) { return; }
  let at = (n * params.height + row) * params.width + column;
  var result = activate_as(sum, params.activation);
  if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
  y[at] = to_result4(result);
}

// The product of a pixel's four channels with the weights of a tap, from \`at\` on.
fn times(v: vec4f, at: i32, sum: vec4f) -> vec4f {
  var s = fma(vec4f(v.x), vec4f(weights[at]), sum);
  s = fma(vec4f(v.y), vec4f(weights[at + 1]), s);
  s = fma(vec4f(v.z), vec4f(weights[at + 2]), s);
  return fma(vec4f(v.w), vec4f(weights[at + 3]), s);
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(local_invocation_index) local: u32,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let at = corner(i32(group.x + group.y * groups.x));
  if (at.n < 0) { return; }
  let t = i32(local);
  let in4 = params.a4 + params.b4;

  let x = t % ACROSS;
  let first = t / ACROSS * 4;
  var s0 = vec4f(bias[0]);
  var s1 = s0;
  var s2 = s0;
  var s3 = s0;

  // Fetched in one round, multiplied in the next.
  for (var c = -1; c < in4; c++) {
    // 340 pixels by 64 invocations: five each, and a sixth for some. Not an array, which would lie in memory.
    var h0: source4;
    var h1: source4;
    var h2: source4;
    var h3: source4;
    var h4: source4;
    var h5: source4;
    var held_weight = weight4();
    if (c + 1 < in4) {
      h0 = fetched(at, t, c + 1);
      h1 = fetched(at, t + THREADS, c + 1);
      h2 = fetched(at, t + 2 * THREADS, c + 1);
      h3 = fetched(at, t + 3 * THREADS, c + 1);
      h4 = fetched(at, t + 4 * THREADS, c + 1);
      h5 = fetched(at, t + 5 * THREADS, c + 1);
      let weight = min(t, WEIGHTS - 1);
      held_weight = w[(weight / 4 * in4 + c + 1) * 4 + weight % 4];
    }
    if (c >= 0) {
      let half = c & 1;
      for (var kx = 0; kx < 3; kx++) {
        let top = half * PIXELS + first * WIDE + x + kx;
        let v0 = vec4f(pixels[top]);
        let v1 = vec4f(pixels[top + WIDE]);
        let v2 = vec4f(pixels[top + 2 * WIDE]);
        let v3 = vec4f(pixels[top + 3 * WIDE]);
        let v4 = vec4f(pixels[top + 4 * WIDE]);
        let v5 = vec4f(pixels[top + 5 * WIDE]);
        let tap = half * WEIGHTS + kx * 4;
        s0 = times(v2, tap + 24, times(v1, tap + 12, times(v0, tap, s0)));
        s1 = times(v3, tap + 24, times(v2, tap + 12, times(v1, tap, s1)));
        s2 = times(v4, tap + 24, times(v3, tap + 12, times(v2, tap, s2)));
        s3 = times(v5, tap + 24, times(v4, tap + 12, times(v3, tap, s3)));
      }
    }
    if (c + 1 < in4) {
      let half = (c + 1) & 1;
      let place = half * PIXELS + t;
      pixels[place] = h0;
      pixels[place + THREADS] = h1;
      pixels[place + 2 * THREADS] = h2;
      pixels[place + 3 * THREADS] = h3;
      pixels[place + 4 * THREADS] = h4;
      if (t + 5 * THREADS < PIXELS) { pixels[place + 5 * THREADS] = h5; }
      if (t < WEIGHTS) { weights[half * WEIGHTS + t] = held_weight; }
    }
    workgroupBarrier();
  }

  let row = at.row + first;
  put(at.n, row, at.column + x, s0);
  put(at.n, row + 1, at.column + x, s1);
  put(at.n, row + 2, at.column + x, s2);
  put(at.n, row + 3, at.column + x, s3);
}
`,conv2d_tile:`// Included by conv2d_tile8 and conv2d_tile8x4, which compute a tile of pixels by 8 outputs an invocation (in workgroups of WORKGROUP):
// convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: channels 4·first4 .. 4·(first4 + in4) of one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift is 1 (nearest upsampling
// by the address). Of joined sources, or parts of one, the first is run with params.activation 0, and the others add to it (MODE 2).
// y: [N,H,W,4·out4], f32 or f16; sums are f32. Channels beyond the tensor's own are zero.
// w: f32, blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][in4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many
// blocks as 64 KiB hold, or all from a storage buffer: the files of the kernels declare it, binding 2.
struct Params {
  batch: i32, height: i32, width: i32,
  x4: i32, first4: i32, in4: i32, shift: u32,
  out4: i32, first_block: i32, blocks: i32, block_vec4s: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

// 0: input gradient (activation_slope of \`activated\`, accumulate). 1: forward (bias, activation). 2: forward, added to what y holds
// instead of to the bias.
override MODE: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;
// 0: blocks lie along z, so that all lanes read the same weights. 1: blocks follow each other among the lanes, so that few tiles fill
// them as well: on a processor a load costs the same whatever the lanes read. 2: the same, but the eight lanes of a subgroup have one block.
override BLOCKS_IN_LANES: u32 = 0u;

// Which tile of \`tiles\` and which block of outputs an invocation owns. Where there is none \`inside\` is false, and they are another's.
struct Place {
  tile: i32,
  block: i32,
  inside: bool,
}

fn place(id: vec3u, group: vec3u, groups: vec3u, tiles: i32) -> Place {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (BLOCKS_IN_LANES == 0u) { return Place(min(index, tiles - 1), i32(group.z), index < tiles); }
  let stride = select(tiles, (tiles + 7) / 8 * 8, BLOCKS_IN_LANES == 2u);
  let inside = index % stride < tiles && index / stride < params.blocks;
  return Place(min(index % stride, tiles - 1), min(index / stride, params.blocks - 1), inside);
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
  let v = vec4f(x[(base + (kept >> params.shift)) * params.x4 + params.first4 + c]);
  return select(vec4f(), v, inside && column == kept);
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
    vec4f(y[at]),
    vec4f(y[at + min(1, last) * params.out4]),
    vec4f(y[at + min(2, last) * params.out4]),
    vec4f(y[at + min(3, last) * params.out4]),
    vec4f(y[at + min(4, last) * params.out4]),
    vec4f(y[at + min(5, last) * params.out4]),
    vec4f(y[at + min(6, last) * params.out4]),
    vec4f(y[at + min(7, last) * params.out4]),
  );
}

fn put(at: i32, value: vec4f) {
  if (MODE != 0u) {
    var result = activate_as(value, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
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
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

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
  var c = 0;
  loop {
    var ky = 0;
    loop {
      let v = pixels(n, y0 + ky - 1, x0, c);
      let first = block + (ky * 3 * params.in4 + c) * 8;
      s0 = taps(s0, v, tap(first), tap(first + step), tap(first + 2 * step));
      s1 = taps(s1, v, tap(first + 1), tap(first + step + 1), tap(first + 2 * step + 1));
      ky++;
      if (ky >= 3) { break; }
    }
    c++;
    if (c >= params.in4) { break; }
  }

  store(at, last, s0);
  if (two) { store(at + 1, last, s1); }
}
`,conv2d_tile8x4:`// Convolution 3×3 and its input gradient by conv2d_body8x4.wgsl (included before this): each lane loads the weights that it needs.
@group(0) @binding(2) var<uniform> w: array<vec4f, 4096>;

// The taps of a block's first four outputs, and of its last four, for four inputs: from \`first\` on, \`step\` apart.
fn first_outputs(first: i32, step: i32, lane: i32) -> Kernel { return kernel(first, step); }
fn last_outputs(first: i32, step: i32, lane: i32) -> Kernel { return kernel(first + 1, step); }
`,conv2d_weight_grad_gemm:`// Weight gradient of a k×k convolution, any stride, as a matrix product (on top of gemm_tile.wgsl, K4 = 2): rows are taps and inputs,
// columns outputs, k runs over the pixels of a slice, eight of a row at a time:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4], each f32 or f16,
// partials: [slices][k·k][4·total4 inputs][out4] vec4, added to what they hold when params.accumulate is set; sum_slices adds the slices in order, so
// the same run gives the same bits.
// A quad of rows is a tap by four inputs, and taps follow each other without a gap: of three channels, nine quads are one tile.
// Both factors lie in memory as the product wants them, so a fetch is a copy. Sums are f32: product4 is.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  rows: i32, kernel: i32, stride: i32, across: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Four inputs that a tap meets at a pixel of dy; outside of the image and beyond the last tap zero.
fn input(n: i32, row: i32, column: i32, quad: i32) -> tile4 {
  let taps = params.kernel * params.kernel;
  let tap = min(quad / params.in4, taps - 1);
  let radius = (params.kernel - 1) / 2;
  let y = row * params.stride + tap / params.kernel - radius;
  let z = column * params.stride + tap % params.kernel - radius;
  let kept_y = clamp(y, 0, params.height - 1);
  let kept_z = clamp(z, 0, params.width - 1);
  let base = (n * (params.height >> params.shift) + (kept_y >> params.shift)) * (params.width >> params.shift);
  let v = tile4(x[(base + (kept_z >> params.shift)) * params.in4 + quad % params.in4]);
  return select(tile4(), v, y == kept_y && z == kept_z && quad < taps * params.in4);
}

// Four outputs of a pixel of dy; beyond the row and the last output zero.
fn gradient(row: i32, column: i32, o: i32) -> tile4 {
  let v = tile4(dy[(row * params.out_width + min(column, params.out_width - 1)) * params.out4 + min(o, params.out4 - 1)]);
  return select(tile4(), v, column < params.out_width && o < params.out4);
}

// Sums of four inputs of a tap by four outputs.
struct Block {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// Stores them, where there are such.
fn store(slice: i32, quad: i32, o: i32, f: Block) {
  let taps = params.kernel * params.kernel;
  if (quad >= taps * params.in4 || o >= params.out4) { return; }
  let c = params.first4 + quad % params.in4;
  let at = ((slice * taps + quad / params.in4) * params.total4 + c) * 4 * params.out4 + o;
  var sum = f;
  if (params.accumulate != 0) {
    sum.v0 += partials[at];
    sum.v1 += partials[at + params.out4];
    sum.v2 += partials[at + 2 * params.out4];
    sum.v3 += partials[at + 3 * params.out4];
  }
  partials[at] = sum.v0;
  partials[at + params.out4] = sum.v1;
  partials[at + 2 * params.out4] = sum.v2;
  partials[at + 3 * params.out4] = sum.v3;
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
    var b0 = tile4();
    var b1 = tile4();
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

  store(slice, quad0 + m, o0 + o, Block(s.s0, s.s1, s.s2, s.s3));
  store(slice, quad0 + m + ACROSS_M, o0 + o, Block(s.s4, s.s5, s.s6, s.s7));
  if (VECS == 2) {
    store(slice, quad0 + m, o0 + o + ACROSS_N, Block(s.t0, s.t1, s.t2, s.t3));
    store(slice, quad0 + m + ACROSS_M, o0 + o + ACROSS_N, Block(s.t4, s.t5, s.t6, s.t7));
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4], each f32 or f16,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
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
      let v = vec4f(x[(base + (column >> params.shift)) * params.in4 + c]);
      let d = vec4f(dy[(out_row * params.out_width + out_column) * params.out4 + o]);
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
// x: one source [N,H,W,4·in4] (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4], each f32 or f16,
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
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
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
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.in4 + c]), inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.out4 + o]), column == kept);
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
  var row = slice * params.rows;
  loop {
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
    var column = 0;
    loop {
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
      column += 2;
      if (column >= params.width) { break; }
    }
    row++;
    if (row >= end) { break; }
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
`,conv2d_weight_grad_subgroup:`// Weight gradient of a 3×3 convolution with stride 1, as conv2d_weight_grad_rows.wgsl, whose params and partials it has, for subgroups of eight lanes that are
// a workgroup each: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// A lane owns four outputs by eight inputs by nine taps (72 vec4 accumulators); OUT_LANES lanes in a row, 8 or 4, own the same inputs and outputs that follow
// each other. They walk the rows of their slice from left to right, four columns of x at a time, which they load once between them and hand around: on
// a software adapter a load costs as much as twenty to fifty multiply-adds of a vec4, a broadcast less than one. Each sum is read and written once for four products.
// No lane leaves before the end, and none walks further than another: what is broadcast has to be there.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32, slice_vec4s: i32, bias_at: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read> dy: array<gradient4>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

// Sums of four inputs (fields) by four outputs.
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// The taps of a row of them.
struct Taps {
  left: Sums,
  middle: Sums,
  right: Sums,
}

// Four columns of x, four inputs each.
struct Columns {
  v0: vec4f,
  v1: vec4f,
  v2: vec4f,
  v3: vec4f,
}

// dy at the columns that meet those: from one before them to one behind.
struct Gradients {
  before: vec4f,
  d0: vec4f,
  d1: vec4f,
  d2: vec4f,
  d3: vec4f,
  behind: vec4f,
}

// Adds the products of four pixels.
fn add(s: Sums, v: Columns, d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) -> Sums {
  return Sums(
    fma(vec4f(v.v3.x), d3, fma(vec4f(v.v2.x), d2, fma(vec4f(v.v1.x), d1, fma(vec4f(v.v0.x), d0, s.i0)))),
    fma(vec4f(v.v3.y), d3, fma(vec4f(v.v2.y), d2, fma(vec4f(v.v1.y), d1, fma(vec4f(v.v0.y), d0, s.i1)))),
    fma(vec4f(v.v3.z), d3, fma(vec4f(v.v2.z), d2, fma(vec4f(v.v1.z), d1, fma(vec4f(v.v0.z), d0, s.i2)))),
    fma(vec4f(v.v3.w), d3, fma(vec4f(v.v2.w), d2, fma(vec4f(v.v1.w), d1, fma(vec4f(v.v0.w), d0, s.i3)))),
  );
}

// A column of x meets dy one to the right of it by the left tap, one to the left by the right one.
fn add_taps(s: Taps, v: Columns, d: Gradients) -> Taps {
  return Taps(
    add(s.left, v, d.d1, d.d2, d.d3, d.behind),
    add(s.middle, v, d.d0, d.d1, d.d2, d.d3),
    add(s.right, v, d.before, d.d0, d.d1, d.d2),
  );
}

// Pixels outside of the image count as zero; the load itself is kept inside the row.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.in4 + c]), inside && column == kept);
}

fn gradient(base: i32, column: i32, o: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.out4 + o]), inside && column == kept);
}

// Of two vec4s of inputs, four columns each.
struct Pair {
  a: Columns,
  b: Columns,
}

// From \`column\` on. Of eight lanes the first four load those of c0, the others those of c1; of four each loads one of either.
fn shared_columns(base: i32, column: i32, c0: i32, c1: i32, inside: bool, lane: i32) -> Pair {
  if (OUT_LANES == 8) {
    let q = pixel(base, column + lane % 4, select(c0, c1, lane >= 4), inside);
    return Pair(
      Columns(subgroupBroadcast(q, 0u), subgroupBroadcast(q, 1u), subgroupBroadcast(q, 2u), subgroupBroadcast(q, 3u)),
      Columns(subgroupBroadcast(q, 4u), subgroupBroadcast(q, 5u), subgroupBroadcast(q, 6u), subgroupBroadcast(q, 7u)),
    );
  }
  let q = pixel(base, column + lane % 4, c0, inside);
  let r = pixel(base, column + lane % 4, c1, inside);
  return Pair(
    Columns(quadBroadcast(q, 0u), quadBroadcast(q, 1u), quadBroadcast(q, 2u), quadBroadcast(q, 3u)),
    Columns(quadBroadcast(r, 0u), quadBroadcast(r, 1u), quadBroadcast(r, 2u), quadBroadcast(r, 3u)),
  );
}

fn store(at: i32, s: Sums) {
  partials[at] = s.i0;
  partials[at + params.out4] = s.i1;
  partials[at + 2 * params.out4] = s.i2;
  partials[at + 3 * params.out4] = s.i3;
}

fn store_taps(at: i32, tap: i32, s: Taps) {
  store(at, s.left);
  store(at + tap, s.middle);
  store(at + 2 * tap, s.right);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let in_pairs = (params.in4 + 1) / 2;
  let out_groups = (params.out4 + OUT_LANES - 1) / OUT_LANES;
  let blocks = in_pairs * out_groups;
  let index = (i32(group.x) + i32(group.y * groups.x)) * (WORKGROUP / OUT_LANES) + lane / OUT_LANES;
  let there = index < blocks * params.slices;
  let slice = select(params.slices - 1, index / blocks, there);
  let block = index % blocks;
  let wanted = block % out_groups * OUT_LANES + lane % OUT_LANES;
  let o = min(wanted, params.out4 - 1);
  let c0 = block / out_groups * 2;
  let c1 = min(c0 + 1, params.in4 - 1);

  var a0 = Taps();
  var a1 = Taps();
  var a2 = Taps();
  var b0 = Taps();
  var b1 = Taps();
  var b2 = Taps();
  var bias = vec4f();
  var walked = 0;
  loop {
    let wanted_row = slice * params.rows + walked;
    let row = min(wanted_row, params.batch * params.height - 1);
    let in_slice = row == wanted_row;
    let n = row / params.height;
    let y = row % params.height;
    let above = max(y - 1, 0);
    let below = min(y + 1, params.height - 1);
    let height = params.height >> params.shift;
    let width = params.width >> params.shift;
    let base0 = (n * height + (above >> params.shift)) * width;
    let base1 = (n * height + (y >> params.shift)) * width;
    let base2 = (n * height + (below >> params.shift)) * width;
    let dy_base = row * params.width;
    var before = vec4f();
    var first = gradient(dy_base, 0, o, in_slice);
    var column = 0;
    loop {
      let d = Gradients(
        before,
        first,
        gradient(dy_base, column + 1, o, in_slice),
        gradient(dy_base, column + 2, o, in_slice),
        gradient(dy_base, column + 3, o, in_slice),
        gradient(dy_base, column + 4, o, in_slice),
      );
      bias += (d.d0 + d.d1) + (d.d2 + d.d3);
      let x0 = shared_columns(base0, column, c0, c1, y >= 1, lane);
      a0 = add_taps(a0, x0.a, d);
      b0 = add_taps(b0, x0.b, d);
      let x1 = shared_columns(base1, column, c0, c1, true, lane);
      a1 = add_taps(a1, x1.a, d);
      b1 = add_taps(b1, x1.b, d);
      let x2 = shared_columns(base2, column, c0, c1, y + 1 < params.height, lane);
      a2 = add_taps(a2, x2.a, d);
      b2 = add_taps(b2, x2.b, d);
      before = d.d3;
      first = d.behind;
      column += 4;
      if (column >= params.width) { break; }
    }
    walked++;
    if (walked >= params.rows) { break; }
  }

  if (!there || wanted != o) { return; }
  let tap = params.total4 * 4 * params.out4;
  let at = slice * params.slice_vec4s + params.first4 * 4 * params.out4;
  let first = at + c0 * 4 * params.out4 + o;
  store_taps(first, tap, a0);
  store_taps(first + 3 * tap, tap, a1);
  store_taps(first + 6 * tap, tap, a2);
  if (c1 != c0) {
    let second = at + c1 * 4 * params.out4 + o;
    store_taps(second, tap, b0);
    store_taps(second + 3 * tap, tap, b1);
    store_taps(second + 6 * tap, tap, b2);
  }
  // One of the invocations that saw these outputs.
  if (params.bias_at != 0 && c0 == 0) {
    let bias_at = slice * params.slice_vec4s + params.bias_at;
    partials[bias_at + o] = bias;
    if (o == 0) {
      for (var i = slice * params.slice_vec4s + 9 * tap; i < bias_at; i++) { partials[i] = vec4f(); }
    }
  }
}
`,extremes:`// Which values of the picture x: [pixels][c4] vec4 f32 are extreme. WHOLE 0: those with x ≤ 0 or x ≥ 1, each by itself. WHOLE 1: those of holes, pixels
// whose channels are all ≤ 0 or all ≥ 1. The kernel that includes it declares x and the params c4 and channels.
override WHOLE: u32 = 0u;

fn extremes_of(index: i32) -> vec4<bool> {
  if (WHOLE == 0u) {
    let value = x[index];
    return (value <= vec4f(0.0)) | (value >= vec4f(1.0));
  }
  let first = index - index % params.c4;
  var black = true;
  var white = true;
  for (var part = 0; part < params.c4; part++) {
    let value = x[first + part];
    let empty = part * 4 + vec4i(0, 1, 2, 3) >= vec4i(params.channels);
    black = black && all(empty | (value <= vec4f(0.0)));
    white = white && all(empty | (value >= vec4f(1.0)));
  }
  return vec4<bool>(black || white);
}
`,fill_holes:`// Filling of holes, pixels whose channels are all ≤ 0 or all ≥ 1: y is the mean of the other pixels in the square of 2·RADIUS + 1 around, weighted
// by distance^-6 (inverse distance weighting, Shepard 1968), or x where there are none; y = x elsewhere. Nothing lies beyond the border.
// x, y: [images][height][width][c4] vec4 f32.
// An invocation owns one vec4 of a pixel.
struct Params { count: i32, height: i32, width: i32, c4: i32, channels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

const RADIUS = 3;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let value = x[index];
  if (!extremes_of(index).x) {
    y[index] = value;
    return;
  }
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = pixel / params.width % params.height;
  var sum = vec4f();
  var total = 0.0;
  for (var dy = max(-RADIUS, -row); dy <= min(RADIUS, params.height - 1 - row); dy++) {
    for (var dx = max(-RADIUS, -column); dx <= min(RADIUS, params.width - 1 - column); dx++) {
      let near = index + (dy * params.width + dx) * params.c4;
      if (extremes_of(near).x) { continue; }
      let squared = f32(dy * dy + dx * dx);
      let weight = 1.0 / (squared * squared * squared);
      sum += weight * x[near];
      total += weight;
    }
  }
  y[index] = select(value, sum / max(total, 1e-9), total > 0.0);
}
`,gemm_tile:`// Included by kernels that are matrix products, C[m][n] = sum over k of A[m][k] * B[k][n], after \`const M\`, \`N\`, \`VECS\` and \`K4\` (the prelude):
// a workgroup owns M rows by N columns of C, an invocation 8 rows by 4·VECS columns in registers; 4·K4 steps of k at a time lie in
// workgroup memory, twice: while one half is multiplied, what was fetched for the next goes to the other, so a step has one barrier.
// A lies there as [half][k][M/4] vec4 over rows, B as [half][k][N/4] vec4 over columns. The 8 rows are two quads M/8 apart and the
// columns two vec4s N/8 apart, so that neighbours read neighbouring addresses: no bank conflicts, and stores that coalesce.
// Both lie there as tile4, and are multiplied and added up as product4: vec4s of f32 or of f16.
const STEPS = 4 * K4;
const QUADS = M / 4;
const COLUMNS = N / 4;
// Invocations along the rows and along the columns of C.
const ACROSS_M = M / 8;
const ACROSS_N = COLUMNS / VECS;
const THREADS = ACROSS_M * ACROSS_N;

var<workgroup> tile_a: array<tile4, 2 * STEPS * QUADS>;
var<workgroup> tile_b: array<tile4, 2 * STEPS * COLUMNS>;

// Eight rows by four columns (s0..s7), and by the four at N/8 further where VECS is 2 (t0..t7).
struct Sums {
  s0: product4,
  s1: product4,
  s2: product4,
  s3: product4,
  s4: product4,
  s5: product4,
  s6: product4,
  s7: product4,
  t0: product4,
  t1: product4,
  t2: product4,
  t3: product4,
  t4: product4,
  t5: product4,
  t6: product4,
  t7: product4,
}

// Four vec4s, as they are fetched and kept.
struct Four {
  v0: tile4,
  v1: tile4,
  v2: tile4,
  v3: tile4,
}

fn transposed(f: Four) -> Four {
  return Four(
    tile4(f.v0.x, f.v1.x, f.v2.x, f.v3.x),
    tile4(f.v0.y, f.v1.y, f.v2.y, f.v3.y),
    tile4(f.v0.z, f.v1.z, f.v2.z, f.v3.z),
    tile4(f.v0.w, f.v1.w, f.v2.w, f.v3.w),
  );
}

// Adds the products of one half: m and n are this invocation's places along the rows and the columns.
fn multiply(s: ptr<function, Sums>, half: i32, m: i32, n: i32) {
  for (var k = half * STEPS; k < (half + 1) * STEPS; k++) {
    let a0 = product4(tile_a[k * QUADS + m]);
    let a1 = product4(tile_a[k * QUADS + m + ACROSS_M]);
    let b0 = product4(tile_b[k * COLUMNS + n]);
    (*s).s0 = fma(product4(a0.x), b0, (*s).s0);
    (*s).s1 = fma(product4(a0.y), b0, (*s).s1);
    (*s).s2 = fma(product4(a0.z), b0, (*s).s2);
    (*s).s3 = fma(product4(a0.w), b0, (*s).s3);
    (*s).s4 = fma(product4(a1.x), b0, (*s).s4);
    (*s).s5 = fma(product4(a1.y), b0, (*s).s5);
    (*s).s6 = fma(product4(a1.z), b0, (*s).s6);
    (*s).s7 = fma(product4(a1.w), b0, (*s).s7);
    if (VECS == 2) {
      let b1 = product4(tile_b[k * COLUMNS + n + (VECS - 1) * ACROSS_N]);
      (*s).t0 = fma(product4(a0.x), b1, (*s).t0);
      (*s).t1 = fma(product4(a0.y), b1, (*s).t1);
      (*s).t2 = fma(product4(a0.z), b1, (*s).t2);
      (*s).t3 = fma(product4(a0.w), b1, (*s).t3);
      (*s).t4 = fma(product4(a1.x), b1, (*s).t4);
      (*s).t5 = fma(product4(a1.y), b1, (*s).t5);
      (*s).t6 = fma(product4(a1.z), b1, (*s).t6);
      (*s).t7 = fma(product4(a1.w), b1, (*s).t7);
    }
  }
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// KIND 3, PSNR: mean over images of k ln(1 + E / ε), dy = k / (E + ε) · (2d + 2W·m + 2V·c) / M, where E is the image's mean squared error, its colour and
// chroma terms included, k = 1e-2 / ln 10 and ε = 1e-4. Each of an image's elements adds the same.
// y, target, dy: [pixels][c4] vec4, target f32, the others f32 or f16, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// COLOUR 1: adds W·m², where m is the mean of d over the pixels of that image and channel, from sums = Σ d: [images][c4] vec4. Each of an
// image's pixels adds the same m², so that the mean over all elements is the mean over images and channels; dy gets 2W·m / M.
// CHROMA 1: adds V·c², where c is d less its mean over the channels, of which there are four at most; dy gets 2V·c / M.
// Σ d² + V·c² comes as squares: [images][c4] vec4, read by KIND 3 alone.
// WEIGHTED 1: the terms and gradients of image n, the other terms' too, are multiplied by weights[n] (packed four to a vec4).
// dy comes multiplied by a factor more (params.gradient_scale is that factor / M), so that gradients do not drown where f16 ends.
// An invocation owns one slice of the vec4s.
struct Params {
  count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32, per_pixel: f32, colour_weight: f32, chroma_weight: f32,
  gradient_scale: f32
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<source4>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read> sums: array<vec4f>;
@group(0) @binding(5) var<storage, read> squares: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dy: array<result4>;
@group(0) @binding(7) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override COLOUR: u32 = 0u;
override CHROMA: u32 = 0u;
override WEIGHTED: u32 = 0u;

const PSNR = 3u;
const PSNR_SCALE = 0.004342944819;
const PSNR_FLOOR = 1e-4;

// Mean over an image's channels of the squared error, the colour and chroma terms included.
fn image_error(image: i32) -> f32 {
  var error = vec4f();
  for (var column = image * params.c4; column < (image + 1) * params.c4; column++) {
    error += squares[column] * params.per_pixel;
    if (COLOUR == 1u) {
      let mean = sums[column] * params.per_pixel;
      error += params.colour_weight * mean * mean;
    }
  }
  return ((error.x + error.y) + (error.z + error.w)) / f32(params.channels);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = vec4f(y[index]) - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u || KIND == PSNR) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (CHROMA == 1u) {
      let chroma = select(vec4f(), d - vec4f((d.x + d.y) + (d.z + d.w)) / f32(params.channels), counts);
      value += params.chroma_weight * chroma * chroma;
      gradient += 2.0 * params.chroma_weight * chroma;
    }
    if (COLOUR == 1u) {
      let mean = sums[index / params.image_vec4s * params.c4 + index % params.c4] * params.per_pixel;
      value += params.colour_weight * mean * mean;
      gradient += 2.0 * params.colour_weight * mean;
    }
    let image = index / params.image_vec4s;
    if (KIND == PSNR) {
      let error = image_error(image);
      value = vec4f(PSNR_SCALE * log(1.0 + error / PSNR_FLOOR));
      gradient *= PSNR_SCALE / (error + PSNR_FLOOR);
    }
    if (WEIGHTED == 1u) {
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = to_result4(select(vec4f(), gradient * params.gradient_scale, counts));
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,loss_errors:`// Sums of the errors d = y - target, with SQUARED 1 of d², with CHROMA 1 too of d² + V·c², c being d less its mean over the channels (four at most), over an image's pixels, each slice of them on its own; sum_slices adds the slices in order.
// y, target: [images][pixels][c4] vec4, y f32 or f16, target f32; partials: [slices][images][c4] vec4 f32. The colour term and the PSNR of loss.wgsl take the sums.
// An invocation owns one slice of one image's pixels, in four channels.
struct Params { images: i32, pixels: i32, c4: i32, slice_pixels: i32, slices: i32, channels: i32, chroma_weight: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<source4>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

override SQUARED: u32 = 0u;
override CHROMA: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  let columns = params.images * params.c4;
  if (index >= columns * params.slices) { return; }
  let slice = index / columns;
  let column = index % columns;
  let image = column / params.c4;
  let first = slice * params.slice_pixels;
  let end = min(first + params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = first; pixel < end; pixel++) {
    let at = (image * params.pixels + pixel) * params.c4 + column % params.c4;
    let d = vec4f(y[at]) - goal[at];
    if (SQUARED == 1u) {
      sum += d * d;
      if (CHROMA == 1u) {
        let counts = vec4i(0, 1, 2, 3) < vec4i(params.channels);
        let chroma = select(vec4f(), d - vec4f((d.x + d.y) + (d.z + d.w)) / f32(params.channels), counts);
        sum += params.chroma_weight * chroma * chroma;
      }
    } else {
      sum += d;
    }
  }
  partials[index] = sum;
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4], y: [N,⌈H/2⌉,⌈W/2⌉,4·c4], both f32 or f16, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;
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
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4], argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4], each f32 or f16;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> dx: array<result4>;

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
  var gradient = select(vec4f(), vec4f(dy[window]), winners == vec4u(place)) * activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,muon_apply:`// Y = X C of many layers, a job for each: the product of a Newton-Schulz iteration of Muon.
// x, y: of a layer job.rows rows of 4·job.width f32 from vec4 job.first on; c: from vec4 job.gram on, 4·job.width rows of as many columns.
// An invocation owns 16 rows by 16 columns of Y; of rows and columns beyond the last, the last are computed again, and not stored.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

// A row of x at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return x[job.first + min(row, job.rows - 1) * job.width + k];
}

fn rows(job: Job, row: i32, k: i32) -> Rows {
  return Rows(
    at(job, row, k),
    at(job, row + 1, k),
    at(job, row + 2, k),
    at(job, row + 3, k),
    at(job, row + 4, k),
    at(job, row + 5, k),
    at(job, row + 6, k),
    at(job, row + 7, k),
    at(job, row + 8, k),
    at(job, row + 9, k),
    at(job, row + 10, k),
    at(job, row + 11, k),
    at(job, row + 12, k),
    at(job, row + 13, k),
    at(job, row + 14, k),
    at(job, row + 15, k),
  );
}

fn add(s: Rows, v: Rows, first: i32, width: i32) -> Rows {
  return add_products(s, v, c[first], c[first + width], c[first + 2 * width], c[first + 3 * width]);
}

fn store(job: Job, row: i32, column: i32, value: vec4f) {
  if (row < job.rows) { y[job.first + row * job.width + column] = value; }
}

fn put(job: Job, row: i32, column: i32, s: Rows) {
  store(job, row, column, s.r0);
  store(job, row + 1, column, s.r1);
  store(job, row + 2, column, s.r2);
  store(job, row + 3, column, s.r3);
  store(job, row + 4, column, s.r4);
  store(job, row + 5, column, s.r5);
  store(job, row + 6, column, s.r6);
  store(job, row + 7, column, s.r7);
  store(job, row + 8, column, s.r8);
  store(job, row + 9, column, s.r9);
  store(job, row + 10, column, s.r10);
  store(job, row + 11, column, s.r11);
  store(job, row + 12, column, s.r12);
  store(job, row + 13, column, s.r13);
  store(job, row + 14, column, s.r14);
  store(job, row + 15, column, s.r15);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (job.width + 3) / 4;
  if (index >= (job.rows + 15) / 16 * across) { return; }
  let last = job.width - 1;
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, last);
  let o2 = min(o0 + 2, last);
  let o3 = min(o0 + 3, last);
  let row = index / across * 16;

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var k = 0;
  loop {
    let v = rows(job, row, k);
    let first = job.gram + 4 * k * job.width;
    s0 = add(s0, v, first + o0, job.width);
    s1 = add(s1, v, first + o1, job.width);
    s2 = add(s2, v, first + o2, job.width);
    s3 = add(s3, v, first + o3, job.width);
    k++;
    if (k >= job.width) { break; }
  }
  put(job, row, o0, s0);
  if (o1 != o0) { put(job, row, o1, s1); }
  if (o2 != o1) { put(job, row, o2, s2); }
  if (o3 != o2) { put(job, row, o3, s3); }
}
`,muon_apply_subgroup:`// Y = X C of many layers, as muon_apply.wgsl, for subgroups of eight lanes that are a workgroup each (behind rows8.wgsl).
// A lane owns eight rows by 32 columns of Y (64 vec4 accumulators), each lane other rows and all the same columns: they load the elements of C once
// between them and hand them around, 12 loads for 256 multiply-adds of vec4s. Of rows and columns beyond the last, the last are computed again, and not stored; no lane
// leaves before the end.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> c: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

fn add(s: Rows, v: Rows, w: Weights) -> Rows {
  return Rows(
    mac(s.r0, v.r0, w),
    mac(s.r1, v.r1, w),
    mac(s.r2, v.r2, w),
    mac(s.r3, v.r3, w),
    mac(s.r4, v.r4, w),
    mac(s.r5, v.r5, w),
    mac(s.r6, v.r6, w),
    mac(s.r7, v.r7, w),
  );
}

// A row of x at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return x[job.first + min(row, job.rows - 1) * job.width + k];
}

fn rows(job: Job, row: i32, k: i32) -> Rows {
  return Rows(
    at(job, row, k),
    at(job, row + 1, k),
    at(job, row + 2, k),
    at(job, row + 3, k),
    at(job, row + 4, k),
    at(job, row + 5, k),
    at(job, row + 6, k),
    at(job, row + 7, k),
  );
}

fn store(job: Job, row: i32, column: i32, value: vec4f) {
  if (row < job.rows) { y[job.first + row * job.width + column] = value; }
}

// Stores a column that is there.
fn put(job: Job, row: i32, column: i32, s: Rows) {
  if (column >= job.width) { return; }
  store(job, row, column, s.r0);
  store(job, row + 1, column, s.r1);
  store(job, row + 2, column, s.r2);
  store(job, row + 3, column, s.r3);
  store(job, row + 4, column, s.r4);
  store(job, row + 5, column, s.r5);
  store(job, row + 6, column, s.r6);
  store(job, row + 7, column, s.r7);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let job = jobs[group.z];
  let index = i32(group.x + group.y * groups.x);
  let across = (job.width + 7) / 8;
  if (index >= (job.rows + 63) / 64 * across) { return; }
  let o = index % across * 8;
  let own = min(o + lane, job.width - 1);
  let row = index / across * 64 + lane * 8;

  var s0 = Rows();
  var s1 = Rows();
  var s2 = Rows();
  var s3 = Rows();
  var s4 = Rows();
  var s5 = Rows();
  var s6 = Rows();
  var s7 = Rows();
  var k = 0;
  loop {
    let v = rows(job, row, k);
    let first = job.gram + 4 * k * job.width + own;
    let q = Weights(c[first], c[first + job.width], c[first + 2 * job.width], c[first + 3 * job.width]);
    let w0 = Weights(
      subgroupBroadcast(q.i0, 0u),
      subgroupBroadcast(q.i1, 0u),
      subgroupBroadcast(q.i2, 0u),
      subgroupBroadcast(q.i3, 0u),
    );
    s0 = add(s0, v, w0);
    let w1 = Weights(
      subgroupBroadcast(q.i0, 1u),
      subgroupBroadcast(q.i1, 1u),
      subgroupBroadcast(q.i2, 1u),
      subgroupBroadcast(q.i3, 1u),
    );
    s1 = add(s1, v, w1);
    let w2 = Weights(
      subgroupBroadcast(q.i0, 2u),
      subgroupBroadcast(q.i1, 2u),
      subgroupBroadcast(q.i2, 2u),
      subgroupBroadcast(q.i3, 2u),
    );
    s2 = add(s2, v, w2);
    let w3 = Weights(
      subgroupBroadcast(q.i0, 3u),
      subgroupBroadcast(q.i1, 3u),
      subgroupBroadcast(q.i2, 3u),
      subgroupBroadcast(q.i3, 3u),
    );
    s3 = add(s3, v, w3);
    let w4 = Weights(
      subgroupBroadcast(q.i0, 4u),
      subgroupBroadcast(q.i1, 4u),
      subgroupBroadcast(q.i2, 4u),
      subgroupBroadcast(q.i3, 4u),
    );
    s4 = add(s4, v, w4);
    let w5 = Weights(
      subgroupBroadcast(q.i0, 5u),
      subgroupBroadcast(q.i1, 5u),
      subgroupBroadcast(q.i2, 5u),
      subgroupBroadcast(q.i3, 5u),
    );
    s5 = add(s5, v, w5);
    let w6 = Weights(
      subgroupBroadcast(q.i0, 6u),
      subgroupBroadcast(q.i1, 6u),
      subgroupBroadcast(q.i2, 6u),
      subgroupBroadcast(q.i3, 6u),
    );
    s6 = add(s6, v, w6);
    let w7 = Weights(
      subgroupBroadcast(q.i0, 7u),
      subgroupBroadcast(q.i1, 7u),
      subgroupBroadcast(q.i2, 7u),
      subgroupBroadcast(q.i3, 7u),
    );
    s7 = add(s7, v, w7);
    k++;
    if (k >= job.width) { break; }
  }
  put(job, row, o, s0);
  put(job, row, o + 1, s1);
  put(job, row, o + 2, s2);
  put(job, row, o + 3, s3);
  put(job, row, o + 4, s4);
  put(job, row, o + 5, s5);
  put(job, row, o + 6, s6);
  put(job, row, o + 7, s7);
}
`,muon_gram:`// Gram matrices A = Xᵀ X of many layers, a job for each, for Muon's Newton-Schulz iteration.
// x: of a layer job.rows rows of 4·job.width f32 from vec4 job.first on; a: from vec4 job.gram on, 4·job.width rows of as many columns.
// An invocation owns 16 rows by 16 columns of A (64 vec4 accumulators). Where the width is no multiple of 16, the last vec4 is computed again, and not stored.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

fn put(at: i32, step: i32, s: Sums) {
  a[at] = s.i0;
  a[at + step] = s.i1;
  a[at + 2 * step] = s.i2;
  a[at + 3 * step] = s.i3;
}

// Stores those vec4s of columns that are there.
fn put_row(at: i32, o: i32, width: i32, s: Row) {
  put(at + o, width, s.o0);
  if (o + 1 < width) { put(at + o + 1, width, s.o1); }
  if (o + 2 < width) { put(at + o + 2, width, s.o2); }
  if (o + 3 < width) { put(at + o + 3, width, s.o3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (job.width + 3) / 4;
  if (index >= across * across) { return; }
  let last = job.width - 1;
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, last);
  let o2 = min(o0 + 2, last);
  let o3 = min(o0 + 3, last);
  let c0 = index / across * 4;
  let c1 = min(c0 + 1, last);
  let c2 = min(c0 + 2, last);
  let c3 = min(c0 + 3, last);

  var s0 = Row();
  var s1 = Row();
  var s2 = Row();
  var s3 = Row();
  var row = 0;
  loop {
    // Two rows at a time: there are nine or one times a multiple of four.
    let u = job.first + row * job.width;
    let w = u + job.width;
    let d = Outputs(x[u + o0], x[u + o1], x[u + o2], x[u + o3]);
    let g = Outputs(x[w + o0], x[w + o1], x[w + o2], x[w + o3]);
    s0 = add_row(s0, x[u + c0], d, x[w + c0], g);
    s1 = add_row(s1, x[u + c1], d, x[w + c1], g);
    s2 = add_row(s2, x[u + c2], d, x[w + c2], g);
    s3 = add_row(s3, x[u + c3], d, x[w + c3], g);
    row += 2;
    if (row >= job.rows) { break; }
  }
  let step = 4 * job.width;
  put_row(job.gram + c0 * step, o0, job.width, s0);
  if (c1 != c0) { put_row(job.gram + c1 * step, o0, job.width, s1); }
  if (c2 != c1) { put_row(job.gram + c2 * step, o0, job.width, s2); }
  if (c3 != c2) { put_row(job.gram + c3 * step, o0, job.width, s3); }
}
`,muon_gram_subgroup:`// Gram matrices A = Xᵀ X of many layers, as muon_gram.wgsl, for subgroups of eight lanes that are a workgroup each (behind symmetric_block.wgsl).
// A is symmetric: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns beyond the last, the last are computed again, and not stored; no lane
// leaves before the end.
struct Job { first: i32, gram: i32, rows: i32, width: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> a: array<vec4f>;

fn element(at: i32) -> vec4f { return x[at]; }
fn write(at: i32, value: vec4f) { a[at] = value; }

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let job = jobs[group.z];
  let index = i32(group.x + group.y * groups.x);
  let blocks = (job.width + 7) / 8;
  let first = index / blocks * 8;
  let column = index % blocks * 8 + lane;
  if (index / blocks > index % blocks || index >= blocks * blocks) { return; }
  let last = job.width - 1;
  let s = block_of(job.first, job.rows, job.width, min(column, last), min(first + lane, last));
  if (column > last) { return; }
  let mirrored = index / blocks != index % blocks;
  put(job.gram, job.width, first, column, mirrored, s.s0);
  put(job.gram, job.width, first + 1, column, mirrored, s.s1);
  put(job.gram, job.width, first + 2, column, mirrored, s.s2);
  put(job.gram, job.width, first + 3, column, mirrored, s.s3);
  put(job.gram, job.width, first + 4, column, mirrored, s.s4);
  put(job.gram, job.width, first + 5, column, mirrored, s.s5);
  put(job.gram, job.width, first + 6, column, mirrored, s.s6);
  put(job.gram, job.width, first + 7, column, mirrored, s.s7);
}
`,muon_momentum:`// The first part of a step of Muon (Jordan et al. 2024), over the weights of many layers, a job for each: momentum m ← β m + (1-β) g, and Nesterov's look ahead
// x = β m + (1-β) g, which is to be orthogonalised. g is clipped by the global norm as in adam.wgsl.
// g, m, x: all parameters, of a layer job.count vec4 f32 from vec4 job.first on; norm: ‖g‖² in x. An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let place = i32(id.x + id.y * groups.x * 64u);
  if (place >= job.count) { return; }
  let index = job.first + place;
  let gradient = g[index] * clip_scale(norm[0].x, now.max_norm);
  let first = fma(vec4f(1.0 - now.momentum), gradient - m[index], m[index]);
  m[index] = first;
  x[index] = fma(vec4f(1.0 - now.momentum), gradient - first, first);
}
`,muon_polynomial:`// The polynomial of one Newton-Schulz iteration of Muon (Jordan et al. 2024): C = scale · (3.4445 I - 4.7750 A + 2.0315 A²), for the Gram matrices A = Xᵀ X of many layers,
// a job for each, so that X ← X C brings X's singular values nearer to 1.
// FIRST 1: X is not normalised yet. Its squared Frobenius norm t is the trace of A; C is that of X/√t, over √t once more.
// a, c: from vec4 job.gram on, 4·job.width rows of as many columns. An invocation owns 16 rows by 4 columns of C; of rows beyond the last, the last is
// computed again, and not stored.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

// A row of a at vec4 k.
fn at(job: Job, row: i32, k: i32) -> vec4f {
  return a[job.gram + min(row, 4 * job.width - 1) * job.width + k];
}

fn rows(job: Job, row: i32, k: i32) -> Rows {
  return Rows(
    at(job, row, k),
    at(job, row + 1, k),
    at(job, row + 2, k),
    at(job, row + 3, k),
    at(job, row + 4, k),
    at(job, row + 5, k),
    at(job, row + 6, k),
    at(job, row + 7, k),
    at(job, row + 8, k),
    at(job, row + 9, k),
    at(job, row + 10, k),
    at(job, row + 11, k),
    at(job, row + 12, k),
    at(job, row + 13, k),
    at(job, row + 14, k),
    at(job, row + 15, k),
  );
}

// unit is 1/t, factor what all is multiplied by.
fn put(job: Job, row: i32, column: i32, unit: f32, factor: f32, square: vec4f) {
  if (row >= 4 * job.width) { return; }
  let index = job.gram + row * job.width + column;
  let identity = select(vec4f(), vec4f(vec4i(0, 1, 2, 3) == vec4i(row - 4 * column)), row / 4 == column);
  c[index] = factor * (3.4445 * identity - 4.7750 * unit * a[index] + 2.0315 * unit * (unit * square));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let width = job.width;
  if (index >= (width + 3) / 4 * width) { return; }
  let column = index % width;
  let row = index / width * 16;
  var s = Rows();
  var trace = 0.0;
  var k = 0;
  loop {
    let first = job.gram + 4 * k * width + column;
    s = add_products(s, rows(job, row, k), a[first], a[first + width], a[first + 2 * width], a[first + 3 * width]);
    if (FIRST == 1u) {
      let diagonal = job.gram + 4 * k * width + k;
      trace += (a[diagonal].x + a[diagonal + width].y) + (a[diagonal + 2 * width].z + a[diagonal + 3 * width].w);
    }
    k++;
    if (k >= width) { break; }
  }
  var unit = 1.0;
  // A gradient of zero stays zero; the squares of one much smaller than that are none any more.
  if (FIRST == 1u) { unit = select(0.0, 1.0 / trace, trace > 1e-18); }
  let factor = job.scale * sqrt(unit);
  put(job, row, column, unit, factor, s.r0);
  put(job, row + 1, column, unit, factor, s.r1);
  put(job, row + 2, column, unit, factor, s.r2);
  put(job, row + 3, column, unit, factor, s.r3);
  put(job, row + 4, column, unit, factor, s.r4);
  put(job, row + 5, column, unit, factor, s.r5);
  put(job, row + 6, column, unit, factor, s.r6);
  put(job, row + 7, column, unit, factor, s.r7);
  put(job, row + 8, column, unit, factor, s.r8);
  put(job, row + 9, column, unit, factor, s.r9);
  put(job, row + 10, column, unit, factor, s.r10);
  put(job, row + 11, column, unit, factor, s.r11);
  put(job, row + 12, column, unit, factor, s.r12);
  put(job, row + 13, column, unit, factor, s.r13);
  put(job, row + 14, column, unit, factor, s.r14);
  put(job, row + 15, column, unit, factor, s.r15);
}
`,muon_polynomial_subgroup:`// The polynomial of one Newton-Schulz iteration of Muon, as muon_polynomial.wgsl, for subgroups of eight lanes that are a workgroup each (behind symmetric_block.wgsl): A is
// symmetric, so A² = Aᵀ A, and C is symmetric too: blocks of 32 by 32 below its diagonal are stored as they are mirrored. Of columns beyond the last, the last are
// computed again, and not stored; no lane leaves before the end.
struct Job { gram: i32, width: i32, scale: f32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;

override FIRST: u32 = 0u;

fn element(at: i32) -> vec4f { return a[at]; }
fn write(at: i32, value: vec4f) { c[at] = value; }

// The trace of A: each lane adds up an eighth of the diagonal, and all lanes what these have.
fn trace(job: Job, lane: i32) -> f32 {
  var own = 0.0;
  var k = 0;
  loop {
    let at = min(k + lane, job.width - 1);
    let diagonal = job.gram + (4 * job.width + 1) * at;
    let four = (a[diagonal].x + a[diagonal + job.width].y) + (a[diagonal + 2 * job.width].z + a[diagonal + 3 * job.width].w);
    own += select(0.0, four, k + lane < job.width);
    k += 8;
    if (k >= job.width) { break; }
  }
  return ((subgroupBroadcast(own, 0u) + subgroupBroadcast(own, 1u)) + (subgroupBroadcast(own, 2u) + subgroupBroadcast(own, 3u)))
    + ((subgroupBroadcast(own, 4u) + subgroupBroadcast(own, 5u)) + (subgroupBroadcast(own, 6u) + subgroupBroadcast(own, 7u)));
}

// C of four rows by four columns of A², all multiplied by \`factor\`; A is to be multiplied by \`unit\` first. Of rows beyond the last, the last are read.
fn polynomial(job: Job, row4: i32, column: i32, unit: f32, factor: f32, square: Sums) -> Sums {
  let at = job.gram + 4 * min(row4, job.width - 1) * job.width + column;
  let diagonal = select(0.0, 3.4445, row4 == column);
  return Sums(
    factor * (vec4f(diagonal, 0.0, 0.0, 0.0) - 4.7750 * unit * a[at] + 2.0315 * unit * (unit * square.i0)),
    factor * (vec4f(0.0, diagonal, 0.0, 0.0) - 4.7750 * unit * a[at + job.width] + 2.0315 * unit * (unit * square.i1)),
    factor * (vec4f(0.0, 0.0, diagonal, 0.0) - 4.7750 * unit * a[at + 2 * job.width] + 2.0315 * unit * (unit * square.i2)),
    factor * (vec4f(0.0, 0.0, 0.0, diagonal) - 4.7750 * unit * a[at + 3 * job.width] + 2.0315 * unit * (unit * square.i3)),
  );
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let job = jobs[group.z];
  let index = i32(group.x + group.y * groups.x);
  let blocks = (job.width + 7) / 8;
  let first = index / blocks * 8;
  let column = index % blocks * 8 + lane;
  if (index / blocks > index % blocks || index >= blocks * blocks) { return; }
  let last = job.width - 1;
  let s = block_of(job.gram, 4 * job.width, job.width, min(column, last), min(first + lane, last));
  var unit = 1.0;
  if (FIRST == 1u) {
    let t = trace(job, lane);
    // A gradient of zero stays zero; the squares of one much smaller than that are none any more.
    unit = select(0.0, 1.0 / t, t > 1e-18);
  }
  if (column > last) { return; }
  let factor = job.scale * sqrt(unit);
  let mirrored = index / blocks != index % blocks;
  put(job.gram, job.width, first, column, mirrored, polynomial(job, first, column, unit, factor, s.s0));
  put(job.gram, job.width, first + 1, column, mirrored, polynomial(job, first + 1, column, unit, factor, s.s1));
  put(job.gram, job.width, first + 2, column, mirrored, polynomial(job, first + 2, column, unit, factor, s.s2));
  put(job.gram, job.width, first + 3, column, mirrored, polynomial(job, first + 3, column, unit, factor, s.s3));
  put(job.gram, job.width, first + 4, column, mirrored, polynomial(job, first + 4, column, unit, factor, s.s4));
  put(job.gram, job.width, first + 5, column, mirrored, polynomial(job, first + 5, column, unit, factor, s.s5));
  put(job.gram, job.width, first + 6, column, mirrored, polynomial(job, first + 6, column, unit, factor, s.s6));
  put(job.gram, job.width, first + 7, column, mirrored, polynomial(job, first + 7, column, unit, factor, s.s7));
}
`,muon_update:`// The last part of a step of Muon, over the weights of many layers, a job for each: p ← p - lr · (x + decay · p), x the orthogonalised momentum, scaled;
// average ← average + (1-ema) · (p - average). p, x, average: all parameters, of a layer job.count vec4 f32 from vec4 job.first on. An invocation owns one vec4.
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let place = i32(id.x + id.y * groups.x * 64u);
  if (place >= job.count) { return; }
  let index = job.first + place;
  let before = p[index];
  let after = before - now.learning_rate * (x[index] + now.decay * before);
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,optimiser_step:`// Included by the kernels of an optimiser's step: what is known of it, and pieces of work over all parameters: job.count vec4 f32 from vec4 job.first on.
struct Job { first: i32, count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32, momentum: f32,
}

// What a gradient is multiplied by, so that their global norm, whose square is given, is max_norm at most.
fn clip_scale(squared_norm: f32, max_norm: f32) -> f32 {
  let norm = sqrt(squared_norm);
  if (max_norm > 0.0 && norm > max_norm) { return max_norm / norm; }
  return 1.0;
}
`,outer16:`// Included by kernels that sum up outer products in registers, without workgroup memory: sixteen inputs by sixteen outputs, two products at a time, so that each
// sum is read and written once for two.
// Sums of four inputs (fields) by four outputs (lanes).
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Sixteen outputs.
struct Row {
  o0: Sums,
  o1: Sums,
  o2: Sums,
  o3: Sums,
}

// Sixteen outputs of a tile.
struct Outputs {
  o0: vec4f,
  o1: vec4f,
  o2: vec4f,
  o3: vec4f,
}

// Adds the products of two tiles: a, b are four inputs, d, g four outputs.
fn add(s: Sums, a: vec4f, d: vec4f, b: vec4f, g: vec4f) -> Sums {
  return Sums(
    fma(vec4f(b.x), g, fma(vec4f(a.x), d, s.i0)),
    fma(vec4f(b.y), g, fma(vec4f(a.y), d, s.i1)),
    fma(vec4f(b.z), g, fma(vec4f(a.z), d, s.i2)),
    fma(vec4f(b.w), g, fma(vec4f(a.w), d, s.i3)),
  );
}

fn add_row(s: Row, a: vec4f, d: Outputs, b: vec4f, g: Outputs) -> Row {
  return Row(
    add(s.o0, a, d.o0, b, g.o0),
    add(s.o1, a, d.o1, b, g.o1),
    add(s.o2, a, d.o2, b, g.o2),
    add(s.o3, a, d.o3, b, g.o3),
  );
}
`,pixel_shuffle:`// Pixel shuffle (depth to space): y[n, y·f + dy, x·f + dx, c] = x[n, y, x, (dy·f + dx)·C + c], f = params.factor, C = params.channels.
// x: [N,H,W,f²·C], y: [N,f·H,f·W,C], both f32 or f16; both padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

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
  y[index] = value4(
    x[start],
    select(value(), x[start + min(1, left - 1)], left > 1),
    select(value(), x[start + min(2, left - 1)], left > 2),
    select(value(), x[start + min(3, left - 1)], left > 3),
  );
}
`,pixel_shuffle_grad:`// Gradient of pixel shuffle: dx[n, y, x, k] = activation_slope(x) * dy[n, y·f + ⌊p/f⌋, x·f + p mod f, k mod C] with p = ⌊k/C⌋: every
// value of x went to one place. dy: [N,f·H,f·W,C], activated: the shuffled tensor x, dx: [N,H,W,f²·C], each f32 or f16, padded as in pixel_shuffle.wgsl;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<source>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

// What came of channel k of the pixel at (n, row, column) of x; zero for the surplus channels.
fn gradient_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return f32(dy[fine * 4 * params.y_c4 + k % params.channels]);
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
  gradient *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,pixel_unshuffle:`// Pixel unshuffle (space to depth): y[n, y, x, (dy·f + dx)·C + c] = x[n, y·f + dy, x·f + dx, c], f = params.factor, C = params.channels.
// x: [N,f·H,f·W,C], y: [N,H,W,f²·C], both f32 and padded to a multiple of four channels, x_c4 and y_c4 vec4s a pixel, the surplus zero.
// An invocation owns four channels of one pixel of y. Channels of x do not fall on vec4s there, so it is read by scalars.
struct Params { batch: i32, height: i32, width: i32, channels: i32, factor: i32, x_c4: i32, y_c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

// Channel k of the pixel at (n, row, column) of y; zero for the surplus channels.
fn value_of(n: i32, row: i32, column: i32, k: i32) -> f32 {
  let factor = params.factor;
  if (k >= factor * factor * params.channels) { return 0.0; }
  let place = k / params.channels;
  let fine_row = (n * params.height + row) * factor + place / factor;
  let fine = fine_row * params.width * factor + column * factor + place % factor;
  return x[fine * 4 * params.x_c4 + k % params.channels];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.y_c4) { return; }
  let k = 4 * (index % params.y_c4);
  let pixel = index / params.y_c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  y[index] = vec4f(
    value_of(n, row, column, k),
    value_of(n, row, column, k + 1),
    value_of(n, row, column, k + 2),
    value_of(n, row, column, k + 3),
  );
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
`,residual_grad:`// Gradients of a residual block's s = r + y, y = activate(v), of which s and r are kept, and y is not: dv = slope of y * ds takes the place of
// ds, which nobody needs any more, and dr = slope of r * ds is added to what dr holds when params.accumulate is set.
// The slope of y is read off the sign of s - r: a positive y that is too small to change r counts as one below zero.
// Elementwise over vec4s of f32 or f16, each its own; an invocation owns one vec4.
struct Params { count: i32, accumulate: i32, activation_y: u32, activation_r: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> s: array<s4>;
@group(0) @binding(2) var<storage, read> r: array<r4>;
@group(0) @binding(3) var<storage, read_write> ds: array<gradient4>;
@group(0) @binding(4) var<storage, read_write> dr: array<result4>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let gradient = vec4f(ds[index]);
  let term = vec4f(r[index]);
  ds[index] = to_gradient4(gradient * slope_as(vec4f(s[index]) - term, params.activation_y));
  var to_r = gradient * slope_as(term, params.activation_r);
  if (params.accumulate != 0) { to_r += vec4f(dr[index]); }
  dr[index] = to_result4(to_r);
}
`,rows16:`// Included by kernels that multiply matrices in registers, without workgroup memory: sixteen rows, four columns of each, and what four channels add to them.
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

fn mac(sum: vec4f, x: vec4f, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> vec4f {
  return fma(i3, vec4f(x.w), fma(i2, vec4f(x.z), fma(i1, vec4f(x.y), fma(i0, vec4f(x.x), sum))));
}

// Adds the products of four channels of each row (x) with the four weights of each channel (i0 .. i3).
fn add_products(s: Rows, x: Rows, i0: vec4f, i1: vec4f, i2: vec4f, i3: vec4f) -> Rows {
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
`,rows8:`// Included by kernels of subgroups that multiply matrices in registers, without workgroup memory: eight rows, and four channels by four columns of weights.
// Eight rows, four channels or columns of each.
struct Rows {
  r0: vec4f,
  r1: vec4f,
  r2: vec4f,
  r3: vec4f,
  r4: vec4f,
  r5: vec4f,
  r6: vec4f,
  r7: vec4f,
}

// Four channels (fields) by four columns.
struct Weights {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Adds the products of four channels with their weights.
fn mac(sum: vec4f, x: vec4f, w: Weights) -> vec4f {
  return fma(w.i3, vec4f(x.w), fma(w.i2, vec4f(x.z), fma(w.i1, vec4f(x.y), fma(w.i0, vec4f(x.x), sum))));
}
`,scale:`// g = factor * g, elementwise over vec4 f32; an invocation owns one vec4.
struct Params { count: i32, factor: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> g: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  g[index] *= params.factor;
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
  var index = slice * params.slice_vec4s;
  loop {
    sum = fma(g[index], g[index], sum);
    index++;
    if (index >= end) { break; }
  }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable. Several sums at
// once: a job for each. partials, from vec4 job.partials on: [slices][count] vec4 f32; total, from vec4 job.total on: [count] vec4 f32, added to
// what it holds when job.accumulate is set.
struct Job { partials: i32, total: i32, count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= job.count) { return; }
  var sum = vec4f();
  var slice = 0;
  loop {
    sum += partials[job.partials + slice * job.count + index];
    slice++;
    if (slice >= job.slices) { break; }
  }
  if (job.accumulate != 0) { sum += total[job.total + index]; }
  total[job.total + index] = sum;
}
`,symmetric_block:`// Included by kernels of subgroups of eight lanes, a workgroup each, that make blocks of 32 by 32 elements of symmetric products Xᵀ X; they declare \`element\`, a vec4 of X,
// and \`write\`, which stores one of what they make.
// A lane owns 32 rows by four columns (32 vec4 accumulators), each lane other columns and all the same rows: they load what makes these once between
// them and hand it around, 4 loads for 64 multiply-adds of vec4s.

// Four rows (fields) by four columns.
struct Sums {
  i0: vec4f,
  i1: vec4f,
  i2: vec4f,
  i3: vec4f,
}

// Eight times four rows by four columns.
struct Block {
  s0: Sums,
  s1: Sums,
  s2: Sums,
  s3: Sums,
  s4: Sums,
  s5: Sums,
  s6: Sums,
  s7: Sums,
}

// Adds what two rows of X give: p and q their four elements for the rows of the product, d and e for its columns.
fn add(s: Sums, p: vec4f, d: vec4f, q: vec4f, e: vec4f) -> Sums {
  return Sums(
    fma(vec4f(q.x), e, fma(vec4f(p.x), d, s.i0)),
    fma(vec4f(q.y), e, fma(vec4f(p.y), d, s.i1)),
    fma(vec4f(q.z), e, fma(vec4f(p.z), d, s.i2)),
    fma(vec4f(q.w), e, fma(vec4f(p.w), d, s.i3)),
  );
}

// A lane's part of a block. X: \`rows\` rows, an even number, of \`width\` vec4s from vec4 \`first\` on; \`own\`: the vec4 of the lane's columns, \`share\`: that of the rows that it loads for all.
fn block_of(first: i32, rows: i32, width: i32, own: i32, share: i32) -> Block {
  var s = Block();
  var row = 0;
  loop {
    // Two rows at a time: there are nine or one times a multiple of four.
    let u = first + row * width;
    let d = element(u + own);
    let e = element(u + width + own);
    let p = element(u + share);
    let q = element(u + width + share);
    s.s0 = add(s.s0, subgroupBroadcast(p, 0u), d, subgroupBroadcast(q, 0u), e);
    s.s1 = add(s.s1, subgroupBroadcast(p, 1u), d, subgroupBroadcast(q, 1u), e);
    s.s2 = add(s.s2, subgroupBroadcast(p, 2u), d, subgroupBroadcast(q, 2u), e);
    s.s3 = add(s.s3, subgroupBroadcast(p, 3u), d, subgroupBroadcast(q, 3u), e);
    s.s4 = add(s.s4, subgroupBroadcast(p, 4u), d, subgroupBroadcast(q, 4u), e);
    s.s5 = add(s.s5, subgroupBroadcast(p, 5u), d, subgroupBroadcast(q, 5u), e);
    s.s6 = add(s.s6, subgroupBroadcast(p, 6u), d, subgroupBroadcast(q, 6u), e);
    s.s7 = add(s.s7, subgroupBroadcast(p, 7u), d, subgroupBroadcast(q, 7u), e);
    row += 2;
    if (row >= rows) { break; }
  }
  return s;
}

fn store(first: i32, width: i32, row4: i32, column: i32, s: Sums) {
  let at = first + 4 * row4 * width + column;
  write(at, s.i0);
  write(at + width, s.i1);
  write(at + 2 * width, s.i2);
  write(at + 3 * width, s.i3);
}

// Stores four rows by four columns that are there, of a symmetric matrix of \`width\` vec4s a row from vec4 \`first\` on; \`mirrored\`: on the other side of its diagonal, too.
fn put(first: i32, width: i32, row4: i32, column: i32, mirrored: bool, s: Sums) {
  if (row4 >= width) { return; }
  store(first, width, row4, column, s);
  if (mirrored) {
    let t = transpose(mat4x4f(s.i0, s.i1, s.i2, s.i3));
    store(first, width, column, row4, Sums(t[0], t[1], t[2], t[3]));
  }
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4], y: [N,2H,2W,4·c4], both f32 or f16. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<value4>;
@group(0) @binding(2) var<storage, read_write> y: array<value4>;

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
  let near = vec4f(x[(near_row * params.width + near_column) * params.c4 + c]);
  if (BILINEAR == 0u) {
    y[index] = value4(near);
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = vec4f(x[(near_row * params.width + far_column) * params.c4 + c]);
    let over = vec4f(x[(far_row * params.width + near_column) * params.c4 + c]);
    let across = vec4f(x[(far_row * params.width + far_column) * params.c4 + c]);
    y[index] = value4(0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across);
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4], activated: the upsampled tensor x, dx: [N,H,W,4·c4], each f32 or f16; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read> activated: array<activated4>;
@group(0) @binding(3) var<storage, read_write> dx: array<result4>;

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
    let below = at + fine_width * params.c4;
    gradient = (vec4f(dy[at]) + vec4f(dy[at + params.c4])) + (vec4f(dy[below]) + vec4f(dy[below + params.c4]));
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        let at = ((fine_row + y) * fine_width + x) * params.c4 + c;
        gradient += (vertical * share(x, column, params.width)) * vec4f(dy[at]);
      }
    }
  }
  gradient *= activation_slope(vec4f(activated[index]));
  if (params.accumulate != 0) { gradient += vec4f(dx[index]); }
  dx[index] = to_result4(gradient);
}
`,winograd_input:`// Tiles of an image for Winograd F(TILE×TILE, 3×3): V = Bᵀ d B, where d are the (TILE+2)² pixels that a tile of TILE² results meets.
// x: one source [N,H,W,4·x4], f32 or f16, of half the size when params.shift = 1 (nearest upsampling by the address), its channels from
// 4·first4 on among the 4·source4. v: [(TILE+2)²][params.stored tiles][4·source4], f32 or f16: tiles first .. first + count of the image, by rows;
// those behind them, as far as there are invocations, are zero.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, x4: i32, first4: i32, source4: i32, shift: u32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<source4>;
@group(0) @binding(2) var<storage, read_write> v: array<transformed4>;

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
  return select(vec4f(), vec4f(x[(base + (kept >> params.shift)) * params.x4 + c]), inside && column == kept);
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
  v[at + column * step] = transformed4(s.x0);
  v[at + (TILE + 2 + column) * step] = transformed4(s.x1);
  v[at + (2 * (TILE + 2) + column) * step] = transformed4(s.x2);
  v[at + (3 * (TILE + 2) + column) * step] = transformed4(s.x3);
  if (TILE == 4) {
    v[at + (4 * (TILE + 2) + column) * step] = transformed4(s.x4);
    v[at + (5 * (TILE + 2) + column) * step] = transformed4(s.x5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.stored * params.x4) { return; }
  let c = index % params.x4;
  let place = index / params.x4;
  let tile = params.first + place;
  let column = tile % params.across * TILE - 1;
  // A row that is far outside: zeros.
  let row = select(-2 * TILE, tile / params.across % params.down * TILE - 1, place < params.count);
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
// m: [(TILE+2)²][params.stored tiles][4·target4], tiles first .. first + count of the image, by rows; y: [N,H,W,4·target4]; each f32 or f16.
// An invocation makes four channels of the TILE×TILE pixels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
  accumulate: i32, activation: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> m: array<transformed4>;
@group(0) @binding(2) var<storage, read> bias: array<weight4>;
@group(0) @binding(3) var<storage, read> activated: array<activated4>;
@group(0) @binding(4) var<storage, read_write> y: array<result4>;

override FORWARD: u32 = 1u;
// Forward, 1: what \`activated\` holds is added after the activation, a residual block's input.
override RESIDUAL: u32 = 0u;

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
    far4 = vec4f(m[first + 4 * step]);
    far5 = vec4f(m[first + 5 * step]);
  }
  return gather(
    vec4f(m[first]),
    vec4f(m[first + step]),
    vec4f(m[first + 2 * step]),
    vec4f(m[first + 3 * step]),
    far4,
    far5,
  );
}

fn put(at: i32, value: vec4f, added: vec4f) {
  if (FORWARD == 1u) {
    var result = activate_as(value + added, params.activation);
    if (RESIDUAL == 1u) { result += vec4f(activated[at]); }
    y[at] = to_result4(result);
  } else {
    var gradient = value * slope_as(vec4f(activated[at]), params.activation);
    if (params.accumulate != 0) { gradient += vec4f(y[at]); }
    y[at] = to_result4(gradient);
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

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
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
  if (FORWARD == 1u) { added = vec4f(bias[c]); }
  let at = ((n * params.height + row) * params.width + column) * params.target4 + c;
  put_column(at, row, column, gather(r0.y0, r1.y0, r2.y0, r3.y0, r4.y0, r5.y0), added);
  put_column(at + params.target4, row, column + 1, gather(r0.y1, r1.y1, r2.y1, r3.y1, r4.y1, r5.y1), added);
  if (TILE == 4) {
    put_column(at + 2 * params.target4, row, column + 2, gather(r0.y2, r1.y2, r2.y2, r3.y2, r4.y2, r5.y2), added);
    put_column(at + 3 * params.target4, row, column + 3, gather(r0.y3, r1.y3, r2.y3, r3.y3, r4.y3, r5.y3), added);
  }
}
`,winograd_product:`// Products in the space of Winograd's tiles, for subgroups of eight lanes that are a workgroup each (behind rows8.wgsl), on adapters where a barrier is dear and registers are not:
// m[e][t][:] = sum over c of v[e][t][c] * u[e][c][:].
// v: [parts][rows][4·source4] f32, u: [parts][4·source4][target4] vec4, m: [parts][rows][4·target4] f32; rows is a multiple of ROWS.
// The lanes own the same ROWS rows (16 or 32), each another vec4 of columns, or COLUMNS4 of them (1, 2 or 3) eight apart. They load each row once between
// them and hand it around: ROWS / 8 + 4·COLUMNS4 loads for ROWS·4·COLUMNS4 multiply-adds of vec4s. No lane leaves before the end: what is broadcast has to
// be there.
struct Params { parts: i32, rows: i32, source4: i32, target4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> u: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4f>;

// Four columns of all rows.
struct Column {
  a: Rows,
  b: Rows,
  c: Rows,
  d: Rows,
}

// Of each eight rows the one that this lane loads, four channels.
struct Sources {
  a: vec4f,
  b: vec4f,
  c: vec4f,
  d: vec4f,
}

// Adds the products of eight rows, of which lane i holds the i-th.
fn add_rows(s: Rows, x: vec4f, w: Weights) -> Rows {
  return Rows(
    mac(s.r0, subgroupBroadcast(x, 0u), w),
    mac(s.r1, subgroupBroadcast(x, 1u), w),
    mac(s.r2, subgroupBroadcast(x, 2u), w),
    mac(s.r3, subgroupBroadcast(x, 3u), w),
    mac(s.r4, subgroupBroadcast(x, 4u), w),
    mac(s.r5, subgroupBroadcast(x, 5u), w),
    mac(s.r6, subgroupBroadcast(x, 6u), w),
    mac(s.r7, subgroupBroadcast(x, 7u), w),
  );
}

// What is not used is not loaded.
fn sources(at: i32) -> Sources {
  let eight = 8 * params.source4;
  var x = Sources();
  x.a = v[at];
  x.b = v[at + eight];
  if (ROWS > 16) {
    x.c = v[at + 2 * eight];
    x.d = v[at + 3 * eight];
  }
  return x;
}

// Adds the products of four channels with the four weights of each that lie params.target4 apart.
fn add(before: Column, x: Sources, at: i32) -> Column {
  let w = Weights(u[at], u[at + params.target4], u[at + 2 * params.target4], u[at + 3 * params.target4]);
  var s = before;
  s.a = add_rows(s.a, x.a, w);
  s.b = add_rows(s.b, x.b, w);
  if (ROWS > 16) {
    s.c = add_rows(s.c, x.c, w);
    s.d = add_rows(s.d, x.d, w);
  }
  return s;
}

fn store_rows(at: i32, s: Rows) {
  m[at] = s.r0;
  m[at + params.target4] = s.r1;
  m[at + 2 * params.target4] = s.r2;
  m[at + 3 * params.target4] = s.r3;
  m[at + 4 * params.target4] = s.r4;
  m[at + 5 * params.target4] = s.r5;
  m[at + 6 * params.target4] = s.r6;
  m[at + 7 * params.target4] = s.r7;
}

// Stores a column that is there.
fn store(row: i32, column: i32, s: Column) {
  if (column >= params.target4) { return; }
  let eight = 8 * params.target4;
  let at = row * params.target4 + column;
  store_rows(at, s.a);
  store_rows(at + eight, s.b);
  if (ROWS > 16) {
    store_rows(at + 2 * eight, s.c);
    store_rows(at + 3 * eight, s.d);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let lane = i32(local);
  let index = i32(group.x + group.y * groups.x);
  let across = (params.target4 + WORKGROUP * COLUMNS4 - 1) / (WORKGROUP * COLUMNS4);
  let down = params.rows / ROWS;
  if (index >= params.parts * down * across) { return; }
  let last = params.target4 - 1;
  let column = index % across * WORKGROUP * COLUMNS4 + lane;
  let part = index / (across * down);
  let row = part * params.rows + index / across % down * ROWS;

  var s0 = Column();
  var s1 = Column();
  var s2 = Column();
  var c = 0;
  loop {
    let x = sources((row + lane) * params.source4 + c);
    let at = (part * params.source4 + c) * 4 * params.target4;
    s0 = add(s0, x, at + min(column, last));
    if (COLUMNS4 > 1) { s1 = add(s1, x, at + min(column + WORKGROUP, last)); }
    if (COLUMNS4 > 2) { s2 = add(s2, x, at + min(column + 2 * WORKGROUP, last)); }
    c++;
    if (c >= params.source4) { break; }
  }
  store(row, column, s0);
  if (COLUMNS4 > 1) { store(row, column + WORKGROUP, s1); }
  if (COLUMNS4 > 2) { store(row, column + 2 * WORKGROUP, s2); }
}
`,winograd_spread_grad:`// Tiles of a gradient for the weight gradient by Winograd F(4×4, 3×3): E = A dY Aᵀ, where dY are the 4×4 pixels of a tile of results: how much each of
// the 36 products counts in them (the transpose of winograd_output's Y = Aᵀ M A).
// dy: [N,H,W,4·target4] f32 or f16, zero outside. e: [36][params.stored tiles][4·target4] f32: tiles first .. first + count of the image, by rows; those
// behind them, as far as there are invocations, are zero.
// An invocation makes four channels of a tile.
struct Params {
  height: i32, width: i32, target4: i32,
  first: i32, count: i32, stored: i32, across: i32, down: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<gradient4>;
@group(0) @binding(2) var<storage, read_write> e: array<vec4f>;

struct Six {
  x0: vec4f,
  x1: vec4f,
  x2: vec4f,
  x3: vec4f,
  x4: vec4f,
  x5: vec4f,
}

// A times a column of four.
fn spread(d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) -> Six {
  let even = d0 + d2;
  let odd = d1 + d3;
  let far_even = d0 + 4.0 * d2;
  let far_odd = 2.0 * (d1 + 4.0 * d3);
  return Six(d0, even + odd, even - odd, far_even + far_odd, far_even - far_odd, d3);
}

// Four channels of a pixel; outside of the image zero, with the load kept inside.
fn pixel(base: i32, column: i32, c: i32, inside: bool) -> vec4f {
  let kept = min(column, params.width - 1);
  return select(vec4f(), vec4f(dy[(base + kept) * params.target4 + c]), inside && column == kept);
}

fn pixels(n: i32, row: i32, column: i32, c: i32) -> Six {
  let kept = min(row, params.height - 1);
  let inside = row == kept;
  let base = (n * params.height + kept) * params.width;
  return spread(
    pixel(base, column, c, inside),
    pixel(base, column + 1, c, inside),
    pixel(base, column + 2, c, inside),
    pixel(base, column + 3, c, inside),
  );
}

fn store(column: i32, at: i32, step: i32, d0: vec4f, d1: vec4f, d2: vec4f, d3: vec4f) {
  let s = spread(d0, d1, d2, d3);
  e[at + column * step] = s.x0;
  e[at + (6 + column) * step] = s.x1;
  e[at + (12 + column) * step] = s.x2;
  e[at + (18 + column) * step] = s.x3;
  e[at + (24 + column) * step] = s.x4;
  e[at + (30 + column) * step] = s.x5;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.stored * params.target4) { return; }
  let c = index % params.target4;
  let place = index / params.target4;
  let tile = params.first + place;
  let column = tile % params.across * 4;
  // A row that is far outside: zeros.
  let row = select(params.height, tile / params.across % params.down * 4, place < params.count);
  let n = tile / (params.across * params.down);

  let r0 = pixels(n, row, column, c);
  let r1 = pixels(n, row + 1, column, c);
  let r2 = pixels(n, row + 2, column, c);
  let r3 = pixels(n, row + 3, column, c);
  let step = params.stored * params.target4;
  store(0, index, step, r0.x0, r1.x0, r2.x0, r3.x0);
  store(1, index, step, r0.x1, r1.x1, r2.x1, r3.x1);
  store(2, index, step, r0.x2, r1.x2, r2.x2, r3.x2);
  store(3, index, step, r0.x3, r1.x3, r2.x3, r3.x3);
  store(4, index, step, r0.x4, r1.x4, r2.x4, r3.x4);
  store(5, index, step, r0.x5, r1.x5, r2.x5, r3.x5);
}
`,winograd_weight_grad:`// Weight gradient of a 3×3 convolution from its products in the space of Winograd F(4×4, 3×3): dw = Gᵀ P G (the transpose of winograd_weights' U = G g Gᵀ).
// p: [36][params.slices][4·source4 inputs][target4] vec4 f32, summed over the slices in their order; dw: [9 taps][4·source4][target4] vec4 f32; params.size
// is 4·source4·target4. An invocation makes the nine taps of one input by four outputs.
struct Params { size: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> p: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>;

struct Three {
  g0: vec4f,
  g1: vec4f,
  g2: vec4f,
}

// Gᵀ times a column of six.
fn gather(m0: vec4f, m1: vec4f, m2: vec4f, m3: vec4f, m4: vec4f, m5: vec4f) -> Three {
  let even = (m1 + m2) / 6.0;
  let far_even = m3 + m4;
  return Three(
    m0 / 4.0 - even + far_even / 24.0,
    (m2 - m1) / 6.0 + (m3 - m4) / 12.0,
    far_even / 6.0 - even + m5,
  );
}

fn product_of(part: i32, at: i32) -> vec4f {
  let first = part * params.slices * params.size + at;
  var sum = p[first];
  for (var slice = 1; slice < params.slices; slice++) { sum += p[first + slice * params.size]; }
  return sum;
}

fn row_of(i: i32, at: i32) -> Three {
  return gather(
    product_of(6 * i, at),
    product_of(6 * i + 1, at),
    product_of(6 * i + 2, at),
    product_of(6 * i + 3, at),
    product_of(6 * i + 4, at),
    product_of(6 * i + 5, at),
  );
}

fn put(column: i32, at: i32, t: Three) {
  dw[at + column * params.size] = t.g0;
  dw[at + (3 + column) * params.size] = t.g1;
  dw[at + (6 + column) * params.size] = t.g2;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  if (index >= params.size) { return; }
  let r0 = row_of(0, index);
  let r1 = row_of(1, index);
  let r2 = row_of(2, index);
  let r3 = row_of(3, index);
  let r4 = row_of(4, index);
  let r5 = row_of(5, index);
  put(0, index, gather(r0.g0, r1.g0, r2.g0, r3.g0, r4.g0, r5.g0));
  put(1, index, gather(r0.g1, r1.g1, r2.g1, r3.g1, r4.g1, r5.g1));
  put(2, index, gather(r0.g2, r1.g2, r2.g2, r3.g2, r4.g2, r5.g2));
}
`,winograd_weight_product:`// Products for the weight gradient in the space of Winograd's tiles, without workgroup memory: p[part][c][:] = sum over t of v[part][t][c] * e[part][t][:].
// v: [parts][params.stored][4·source4] f32, e: [parts][params.stored][4·target4] f32, of which the tiles t < params.count are read;
// p: [parts][4·source4][target4] vec4 f32, added to what it holds when params.accumulate is set.
// An invocation owns 16 inputs by 16 outputs (64 vec4 accumulators) and takes two tiles at a time: 16 loads for 128 multiply-adds of vec4s, each
// sum read and written once for two products. Where channels are no multiple of 16, the last vec4 is computed again, and not stored.
struct Params { parts: i32, count: i32, stored: i32, source4: i32, target4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> v: array<vec4f>;
@group(0) @binding(2) var<storage, read> e: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> p: array<vec4f>;

fn put(at: i32, s: Sums) {
  var sum = s;
  if (params.accumulate != 0) {
    sum.i0 += p[at];
    sum.i1 += p[at + params.target4];
    sum.i2 += p[at + 2 * params.target4];
    sum.i3 += p[at + 3 * params.target4];
  }
  p[at] = sum.i0;
  p[at + params.target4] = sum.i1;
  p[at + 2 * params.target4] = sum.i2;
  p[at + 3 * params.target4] = sum.i3;
}

// Stores those vec4s of outputs that are there.
fn put_row(at: i32, o: i32, s: Row) {
  put(at + o, s.o0);
  if (o + 1 < params.target4) { put(at + o + 1, s.o1); }
  if (o + 2 < params.target4) { put(at + o + 2, s.o2); }
  if (o + 3 < params.target4) { put(at + o + 3, s.o3); }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let across = (params.target4 + 3) / 4;
  let down = (params.source4 + 3) / 4;
  if (index >= params.parts * down * across) { return; }
  let o0 = index % across * 4;
  let o1 = min(o0 + 1, params.target4 - 1);
  let o2 = min(o0 + 2, params.target4 - 1);
  let o3 = min(o0 + 3, params.target4 - 1);
  let c0 = index / across % down * 4;
  let c1 = min(c0 + 1, params.source4 - 1);
  let c2 = min(c0 + 2, params.source4 - 1);
  let c3 = min(c0 + 3, params.source4 - 1);
  let part = index / (across * down);

  var s0 = Row();
  var s1 = Row();
  var s2 = Row();
  var s3 = Row();
  var tile = 0;
  loop {
    // Of an odd count the last tile is read twice, and counts once.
    let second = min(tile + 1, params.count - 1);
    let there = f32(second - tile);
    let x = (part * params.stored + tile) * params.source4;
    let y = (part * params.stored + second) * params.source4;
    let d_at = (part * params.stored + tile) * params.target4;
    let g_at = (part * params.stored + second) * params.target4;
    let d = Outputs(e[d_at + o0], e[d_at + o1], e[d_at + o2], e[d_at + o3]);
    let g = Outputs(there * e[g_at + o0], there * e[g_at + o1], there * e[g_at + o2], there * e[g_at + o3]);
    s0 = add_row(s0, v[x + c0], d, v[y + c0], g);
    s1 = add_row(s1, v[x + c1], d, v[y + c1], g);
    s2 = add_row(s2, v[x + c2], d, v[y + c2], g);
    s3 = add_row(s3, v[x + c3], d, v[y + c3], g);
    tile += 2;
    if (tile >= params.count) { break; }
  }
  let input = 4 * params.target4;
  let at = part * params.source4 * input;
  put_row(at + c0 * input, o0, s0);
  if (c1 != c0) { put_row(at + c1 * input, o0, s1); }
  if (c2 != c1) { put_row(at + c2 * input, o0, s2); }
  if (c3 != c2) { put_row(at + c3 * input, o0, s3); }
}
`,winograd_weights:`// Weights of 3×3 convolutions for Winograd F(TILE×TILE, 3×3) (Lavin & Gray, 2015): U = G g Gᵀ for each pair of channels, those of many
// layers at once: a job for each.
// weights: all parameters, of a layer from vec4 job.weight on [9 taps][4·in4 inputs][out4] vec4 over outputs; u, from vec4 job.u on:
// [(TILE+2)²][4·source4][target4] vec4 over channels of the result; each f32 or f16.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): turned by 180°, inputs and
// outputs exchanged. An invocation makes all of one channel of the source by four of the result.
struct Job { weight: i32, u: i32, in4: i32, out4: i32, source4: i32, target4: i32, first4: i32 }
@group(0) @binding(0) var<storage, read> jobs: array<Job>;
@group(0) @binding(1) var<storage, read> weights: array<weight4>;
@group(0) @binding(2) var<storage, read_write> u: array<transformed4>;

override FORWARD: u32 = 1u;

fn turned(job: Job, tap: i32, input: i32, output: i32) -> f32 {
  let row = ((8 - tap) * job.in4 * 4 + job.first4 * 4 + input) * job.out4;
  return f32(weights[job.weight + row + output / 4][output % 4]);
}

fn tap(job: Job, index: i32, source: i32, result: i32) -> vec4f {
  if (FORWARD == 1u) { return vec4f(weights[job.weight + (index * job.in4 * 4 + source) * job.out4 + result]); }
  let first = result * 4;
  return vec4f(
    turned(job, index, first, source), turned(job, index, first + 1, source),
    turned(job, index, first + 2, source), turned(job, index, first + 3, source),
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
  u[first] = transformed4(s.g0);
  u[first + step] = transformed4(s.g1);
  u[first + 2 * step] = transformed4(s.g2);
  u[first + 3 * step] = transformed4(s.g3);
  if (TILE == 4) {
    u[first + 4 * step] = transformed4(s.g4);
    u[first + 5 * step] = transformed4(s.g5);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let job = jobs[group.z];
  let index = i32(id.x + id.y * groups.x * u32(WORKGROUP));
  let size = job.source4 * 4 * job.target4;
  if (index >= size) { return; }
  let result = index % job.target4;
  let source = index / job.target4;
  let left = spread(tap(job, 0, source, result), tap(job, 3, source, result), tap(job, 6, source, result));
  let middle = spread(tap(job, 1, source, result), tap(job, 4, source, result), tap(job, 7, source, result));
  let right = spread(tap(job, 2, source, result), tap(job, 5, source, result), tap(job, 8, source, result));
  let at = job.u + index;
  store(0, at, size, left.g0, middle.g0, right.g0);
  store(1, at, size, left.g1, middle.g1, right.g1);
  store(2, at, size, left.g2, middle.g2, right.g2);
  store(3, at, size, left.g3, middle.g3, right.g3);
  if (TILE == 4) {
    store(4, at, size, left.g4, middle.g4, right.g4);
    store(5, at, size, left.g5, middle.g5, right.g5);
  }
}
`};var Vo={read:"read-only-storage",read_write:"storage",uniform:"uniform"};function Jo({jobs:t,bindings:e}){return[t?"read":"uniform",...Object.values(e)].map(r=>Vo[r])}var Xo="clamp(v, vec4f(-65504.0), vec4f(65504.0))";function Yo(t,e,r={}){let a=t.prelude??[];for(let u of a)if(e[u]===void 0)throw new k(`Cannot compile ${t.name}: the constant ${u} is not given`);let o=Object.keys(t.types??{}),s=u=>r[u]??"f32",n=u=>`alias ${u} = ${u.endsWith("4")?`vec4<${s(u)}>`:s(u)};
`,i=u=>{if(!t.types[u].some(m=>t.bindings[m]==="read_write")||!u.endsWith("4"))return"";let p=s(u)==="f16"?`${u}(${Xo})`:"v";return`fn to_${u}(v: vec4f) -> ${u} { return ${p}; }
`},c=[o.some(u=>r[u]==="f16")?`enable f16;
`:"",...o.map(n),...o.map(i),...a.map(u=>`const ${u} = ${e[u]};
`),...(t.includes??[]).map(u=>ut[u]),ut[t.name]].join(""),l=Object.fromEntries(Object.entries(e).filter(([u])=>!a.includes(u)));return{code:c,overrides:l}}async function Fr(t,e,r,a={}){let{code:o,overrides:s}=Yo(e,r,a);t.pushErrorScope("validation");let n=t.createShaderModule({label:e.name,code:o}),i=t.createBindGroupLayout({label:e.name,entries:Jo(e).map((u,d)=>({binding:d,visibility:GPUShaderStage.COMPUTE,buffer:{type:u}}))}),c=t.createComputePipeline({label:e.name,layout:t.createPipelineLayout({bindGroupLayouts:[i]}),compute:{module:n,entryPoint:"main",constants:s}}),l=await t.popErrorScope();if(l)throw new k(`Cannot compile ${e.name} ${JSON.stringify({...r,...a})}: ${l.message}`);return{kernel:e,pipeline:c,layout:i}}var Qo=200;async function zr(t={}){let e=await Kr();if(!e)throw new j("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:r,summary:a}=e,o=["timestamp-query",...t.half?[it]:[]],{limits:s}=r,n=u=>r.requestDevice({requiredFeatures:u,requiredLimits:{maxStorageBufferBindingSize:s.maxStorageBufferBindingSize,maxBufferSize:s.maxBufferSize,maxUniformBufferBindingSize:s.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:s.maxComputeWorkgroupStorageSize}}),i=o.filter(u=>r.features.has(u)),l=a.llvm!==void 0&&!r.features.has(ct)?Dr(r):void 0;if(l!==void 0)try{return new Me(await n([...i,ct]),{...a,subgroup:l})}catch{}return new Me(await n(i),a)}var Me=class{device;adapter;choices=new Map;times={prepare:0,upload:0,compute:0,download:0};#e=new Set;#r=0;#t=0;#a=new Map;#o;#s=!1;constructor(e,r){this.device=e,this.adapter=r,e.lost.then(a=>{this.#s||(this.#o??=new re(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:o}=a;a.preventDefault(),this.#o??=o instanceof GPUOutOfMemoryError?new q(`The GPU is out of memory: ${o.message}`):new k(`The GPU refused a command: ${o.message}`)})}get half(){return this.device.features.has(it)}check(){if(this.#s)throw new k("Cannot use a Gpu that was disposed");if(this.#o)throw this.#o}async loss(){let e=Promise.withResolvers(),r=setTimeout(()=>e.resolve(void 0),Qo),a=await Promise.race([this.device.lost,e.promise]);return clearTimeout(r),a&&new re(`The GPU device was lost: ${a.message||a.reason}`)}buffer(e,r,a){this.check();let o=Math.max(16,Math.ceil(r/4)*4);if(o>this.device.limits.maxBufferSize||o>this.device.limits.maxStorageBufferBindingSize)throw new q(`Cannot make the buffer ${e}: ${o} bytes are more than the adapter binds at once`);let s=this.device.createBuffer({label:e,size:o,usage:a});return this.#e.add(s),this.#r+=o,this.#t=Math.max(this.#t,this.#r),s}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,r,a){if(r%4!==0||r<0||a.byteLength%4!==0||r+a.byteLength>e.size)throw new k(`Cannot write ${a.byteLength} bytes at ${r} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,r,a)}kernel(e,r={},a={}){let o=`${e.name} ${JSON.stringify(Object.entries({...r,...a}).sort())}`,s=this.#a.get(o);return s||Fr(this.device,e,r,a).then(n=>(this.#a.set(o,n),n))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#s){this.#s=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#a.clear(),this.device.destroy()}}};function be(t){return t instanceof Uint16Array?65535:255}function Zo(t){let e=Math.abs(t);return e<=1?(1.5*e-2.5)*e*e+1:e<2?((-.5*e+2.5)*e-4)*e+2:0}function qr(t,e){let r=t/e,a=Math.max(r,1),o=Math.ceil(4*a)+1,s=new Int32Array(e*o),n=new Float64Array(e*o);for(let i=0;i<e;i++){let c=(i+.5)*r-.5,l=Math.ceil(c-2*a),u=0;for(let d=0;d<o;d++){let p=Zo((l+d-c)/a);s[i*o+d]=es(l+d,t),n[i*o+d]=p,u+=p}for(let d=0;d<o;d++)n[i*o+d]/=u}return{positions:s,weights:n,count:o}}function es(t,e){let r=2*e,a=(t%r+r)%r;return a<e?a:r-1-a}function lt(t,e,r,a,o,s=3){let n=qr(e,a),i=new Float32Array(r*a*s);for(let d=0;d<r;d++){let p=d*e;for(let m=0;m<a;m++){let f=(d*a+m)*s;for(let h=0;h<s;h++){let w=0;for(let b=m*n.count,v=b+n.count;b<v;b++)w+=n.weights[b]*t[(p+n.positions[b])*s+h];i[f+h]=w}}}let c=qr(r,o),l=new Float32Array(o*a*s),u=a*s;for(let d=0;d<o;d++)for(let p=d*c.count,m=p+c.count;p<m;p++){let f=c.positions[p]*u,h=c.weights[p];for(let w=0,b=d*u;w<u;w++)l[b+w]+=h*i[f+w]}return l}function dt(t,e,r,a,o){let s=lt(t,e,r,e*a,r*a,o),n=be(t),i=t instanceof Uint16Array?new Uint16Array(s.length):new Uint8Array(s.length);for(let c=0;c<s.length;c++)i[c]=Math.round(Math.min(Math.max(s[c],0),n));return i}var ts=[256,40962],rs=[257,40963],as=34665,os=4;function Hr(t,e,r){let a=t.slice();if(a.length<14)return a;let o=new DataView(a.buffer,a.byteOffset,a.length),s=o.getUint16(0)===18761,n=c=>{if(c<8||c+2>a.length)return;let l=c+2+12*o.getUint16(c,s);if(!(l>a.length))for(let u=c+2;u<l;u+=12){let d=o.getUint16(u,s),p=ts.includes(d)?e:rs.includes(d)?r:void 0;p!==void 0?(o.setUint16(u+2,os,s),o.setUint32(u+4,1,s),o.setUint32(u+8,p,s)):d===as&&c===i&&n(o.getUint32(u+8,s))}},i=o.getUint32(4,s);return n(i),a}function Vr(t,e,r){let a=new TextDecoder("utf-8",{ignoreBOM:!0}).decode(t),s=[["tiff:ImageWidth|exif:PixelXDimension",e],["tiff:ImageLength|exif:PixelYDimension",r]].reduce((n,[i,c])=>n.replace(new RegExp(`((?:${i})\\s*=\\s*)(["'])\\s*\\d+\\s*\\2`,"g"),`$1$2${c}$2`).replace(new RegExp(`(<(?:${i})>)\\s*\\d+\\s*(</)`,"g"),`$1${c}$2`),a);return s===a?t:new TextEncoder().encode(s)}var pt=3;function Ge(t,e,r,a,o,{x0:s,x1:n,y0:i,y1:c}){let[l,u]=[s,i].map(v=>Math.max(Math.floor(v/a)-pt,0)),d=Math.min(Math.ceil(n/a)+pt,e),p=Math.min(Math.ceil(c/a)+pt,r),[m,f]=[d-l,p-u],h=new Float32Array(f*m*o);for(let v=0;v<f;v++){let y=o*((u+v)*e+l);h.set(t.subarray(y,y+o*m),o*v*m)}let w=a===1?h:lt(h,m,f,m*a,f*a,o),b=new Float32Array((c-i)*(n-s)*o);for(let v=i;v<c;v++){let y=o*((v-u*a)*m*a+s-l*a);b.set(w.subarray(y,y+o*(n-s)),o*(v-i)*(n-s))}return b}function ft(t,e,r){let[a,o]=[t.width*e,t.height*e];return{...t,width:a,height:o,rgb:r,...t.alpha&&{alpha:dt(t.alpha,t.width,t.height,e,1)},...t.exif&&{exif:Hr(t.exif,a,o)},...t.xmp&&{xmp:Vr(t.xmp,a,o)}}}function Jr(t,e){return ft(t,e,dt(t.rgb,t.width,t.height,e,3))}function ss(t,e,r,a){let o=new Float32Array(t.length);return Yr(e,r,a,(s,n)=>{for(let i=0;i<3;i++)o[n+i]=t[s+i]}),o}async function Xr(t,e,r,a){let{scale:o}=t.topology,s=new Float32Array(e.length*o**2);for(let n=0;n<8;n++){let[i,c]=n<4?[r,a]:[a,r],l=await t.run(ss(e,r,a,n),i,c);Yr(r*o,a*o,n,(u,d)=>{for(let p=0;p<3;p++)s[u+p]+=l[d+p]/8})}return s}function Yr(t,e,r,a){for(let o=0;o<t;o++){let s=r&2?t-1-o:o;for(let n=0;n<e;n++){let i=r&1?e-1-n:n;a(3*(o*e+n),3*(r&4?i*t+s:s*e+i))}}}var Ie=class{#e;#r;#t;#a=0;#o=0;constructor(e,r){this.#e=e,this.#r=r;let a=3*r.width*Math.min(r.tileHeight,r.height);this.#t=e instanceof Uint16Array?new Uint16Array(a):new Uint8Array(a)}rowsOf(e){let{width:r,height:a,tileHeight:o}=this.#r,s=Math.max(e.y,0),n=Math.min(e.y+o,a);if(s!==this.#a||n!==this.#o){let i=3*r,c=Math.max(this.#o-s,0);c>0&&this.#t.copyWithin(0,(s-this.#a)*i,(this.#o-this.#a)*i),this.#t.set(this.#e.subarray((s+c)*i,n*i),c*i),this.#a=s,this.#o=n}return{rgb:this.#t,firstRow:s}}};function Qr({rgb:t,firstRow:e},r,a){let{width:o,height:s,tileWidth:n,tileHeight:i}=r,c=be(t),l=Int32Array.from({length:n},(d,p)=>3*Ke(a.x+p,o)),u=new Float32Array(i*n*3);for(let d=0,p=0;d<i;d++){let m=3*o*(Ke(a.y+d,s)-e);for(let f=0;f<n;f++){let h=m+l[f];u[p++]=t[h]/c,u[p++]=t[h+1]/c,u[p++]=t[h+2]/c}}return u}function Zr(t,e,r,a,o,s){let{rgb:n,grey:i,width:c}=e,{strength:l,scale:u,enlarged:d}=s,p=u===1?e.alpha:void 0,m=be(r),f=l===1&&!i&&!p,[h,w,b,v]=[o.keep.x0,o.keep.x1,o.keep.y0,o.keep.y1].map(_=>_*u),[y,S]=[o.x*u,o.y*u],x=(_,R)=>u===1?n[R]:d?J(d[_]/m)*m:0;for(let _=b;_<v;_++){let R=3*((_-S)*a.tileWidth*u+h-y),g=3*(_*c*u+h),T=3*(_-b)*(w-h);for(let A=h;A<w;A++,R+=3,g+=3,T+=3){let C=t[R],L=t[R+1],K=t[R+2];if(!Number.isFinite(C+L+K))throw new RangeError(`the network's output at column ${A}, row ${_} is not a finite number`);if(f)r[g]=J(C)*m+.5,r[g+1]=J(L)*m+.5,r[g+2]=J(K)*m+.5;else if(p&&p[g/3]===0)for(let F=0;F<3;F++)r[g+F]=n[g+F];else if(i){let F=Be(x(T,g),(J(C)+J(L)+J(K))/3,m,l);for(let X=0;X<3;X++)r[g+X]=F}else r[g]=Be(x(T,g),J(C),m,l),r[g+1]=Be(x(T+1,g+1),J(L),m,l),r[g+2]=Be(x(T+2,g+2),J(K),m,l)}}}function J(t){return t<0?0:t>1?1:t}function Be(t,e,r,a){return Math.round(t+a*(e*r-t))}var ns=16;function ta(t,e,r,a=512,o=ns){let s=ve(r),n=oa(r),i=ea(t,s,n,a,ye(o,s)),c=ea(e,s,n,a,ye(o,s)),l=c.windows.flatMap(u=>i.windows.map(d=>({x:d.start,y:u.start,keep:{x0:d.from,x1:d.to,y0:u.from,y1:u.to}})));return{width:t,height:e,tileWidth:i.extent,tileHeight:c.extent,tiles:l}}function ra(t){return aa*oa(t)}var aa=3;function oa(t){return ye(Wr(t),ve(t))}function ea(t,e,r,a,o){let s=ye(t+2*o,e),n=Math.max(Math.floor(a/e)*e,aa*r);if(s<=n)return{extent:s,windows:[{start:-o,from:0,to:t}]};let i=Math.ceil((s-2*r)/(n-2*r)),c=ye((s-2*r)/i,e),l=c+2*r,u=[];for(let d=0,p=0;p<s;d+=c){let m=Math.min(d,s-l),f=m+l>=s?s:m+l-r,[h,w]=[Math.max(p-o,0),Math.min(f-o,t)];h<w&&u.push({start:m-o,from:h,to:w}),p=f}return{extent:l,windows:u}}function ye(t,e){return Math.ceil(t/e)*e}function sa(t,e,r,a){if(!e.includes(0)||e.every(i=>i===0))return t;let o=t.slice(),s=new Uint16Array(r*a);for(let i=0;i<e.length;i++)e[i]===0&&(s[i]=65535);let n=(i,c,l)=>{if(s[c]===65535)return;let u=Math.min(s[c]+l,65534);u>=s[i]||(s[i]=u,o[3*i]=o[3*c],o[3*i+1]=o[3*c+1],o[3*i+2]=o[3*c+2])};for(let i of[1,-1]){let[c,l]=i===1?[0,0]:[a-1,r-1];for(let u=c;u>=0&&u<a;u+=i){let d=u-i>=0&&u-i<a;for(let p=l;p>=0&&p<r;p+=i){let m=u*r+p;if(s[m]===0)continue;let f=p-i>=0&&p-i<r,h=p+i>=0&&p+i<r,w=m-i*r;f&&n(m,m-i,3),d&&(n(m,w,3),f&&n(m,w-i,4),h&&n(m,w+i,4))}}}return o}async function ia(t,e,r={}){let a="run"in e?[e]:e,o=t;for(let[s,n]of a.entries())o=await is(o,n,{...r,onTile:s===a.length-1?r.onTile:void 0,onProgress:(i,c)=>r.onProgress?.(s*c+i,a.length*c)});return o}async function is(t,e,r){let{strength:a=1,tile:o=e.preferredTile,inPlace:s=!1,signal:n}=r;if(!(a>=0&&a<=1))throw new j(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(o>=1))throw new j(`Cannot enhance: tile must be at least 1 pixel, got ${o}`,{exitCode:2});if(e.topology.channels!==3)throw new j(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);n?.throwIfAborted();let{scale:i}=e.topology;if(a===0)return i===1?t:Jr(t,i);let c=t.alpha?sa(t.rgb,t.alpha,t.width,t.height):t.rgb,l=t.grey||!cs(c)?t:{...t,grey:!0},u=t.rgb.length*i**2,d=s&&i===1?t.rgb:t.rgb instanceof Uint16Array?new Uint16Array(u):new Uint8Array(u),p=!1;for(let m=o;;){let f=ta(t.width,t.height,e.topology,m);try{let h=c===d?new Ie(c,f):void 0;return await us(l,b=>h?h.rowsOf(b):{rgb:c,firstRow:0},d,f,e,{...r,onTile:(b,v)=>{p=!0,r.onTile?.(b,v)}}),i===1?{...t,rgb:d}:ft(t,i,d)}catch(h){if(!(h instanceof ce)||p&&d===t.rgb)throw h;if(m<=ra(e.topology))throw new j(`Cannot enhance: not enough memory on ${e.device} for a tile of ${f.tileWidth}×${f.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:h});m=Math.max(f.tileWidth,f.tileHeight)/2}}}function cs(t){for(let e=0;e<t.length;e+=3)if(t[e]!==t[e+1]||t[e]!==t[e+2])return!1;return!0}function na({x0:t,x1:e,y0:r,y1:a},o){return{x0:t*o,x1:e*o,y0:r*o,y1:a*o}}async function us(t,e,r,a,o,s){let{strength:n=1,selfEnsemble:i=!1,onProgress:c,onTile:l,signal:u}=s,{tiles:d,tileHeight:p,tileWidth:m}=a,{scale:f}=o.topology,h=_=>{let R=e(d[_]),g=Qr(R,a,d[_]),T=f===1||n===1?void 0:Ge(R.rgb,t.width,t.height,f,3,na(d[_].keep,f));return{pixels:g,blend:{strength:n,scale:f,enlarged:T}}},w=(_,R,g)=>{try{Zr(R,t,r,a,d[_],g)}catch(T){throw new j(`Cannot enhance on ${o.device}: ${T.message}; try --device cpu or another model`,{cause:T})}l?.(na(d[_].keep,f),r),c?.(_+1,d.length)},b=h(0),v=[],y,S=async()=>{let{index:_,running:R,blend:g}=v[0];y={index:_,restored:await R,blend:g},v.shift()},x=()=>{y&&w(y.index,y.restored,y.blend),y=void 0};try{for(let _=0;_<d.length;_++){u?.throwIfAborted();let{pixels:R,blend:g}=b,T=i?Xr(o,R,p,m):o.run(R,p,m);T.catch(()=>{}),v.push({index:_,running:T,blend:g}),x(),_+1<d.length&&(b=h(_+1)),v.length>=(o.concurrency??1)&&await S()}for(;v.length>0;)x(),await S();x()}catch(_){throw await Promise.allSettled(v.map(({running:R})=>R)),_}}var ls=Uint32Array.from({length:256},(t,e)=>{let r=e;for(let a=0;a<8;a++)r=r&1?r>>>1^3988292384:r>>>1;return r});function We(t,e=0){let r=~e;for(let a=0;a<t.length;a++)r=ls[(r^t[a])&255]^r>>>8;return~r>>>0}var ca={F32:4,F16:2};var ds=1e8,Le="crc32",la="00000000";function da(t,e){let r=h=>{throw new j(`Cannot read ${xe(e)} as safetensors: ${h}`)};t.length<8&&r(`it has ${t.length} bytes, too few for a header`);let a=new DataView(t.buffer,t.byteOffset,t.byteLength),o=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;o>ds&&r(`its header claims ${o} bytes; it is no safetensors file or is damaged`),o>t.length-8&&r(`its header claims ${o} bytes, but only ${t.length-8} follow; the file is truncated or damaged`);let s=ps(t.subarray(8,8+o),r),{__metadata__:n={},...i}=s;(!mt(n)||Object.values(n).some(h=>typeof h!="string"))&&r("its metadata is not a list of strings; the file is damaged");let c=t.subarray(8+o),l=[],u=new Map,d=Object.entries(i).map(([h,w])=>{let b=fs(h,w,c.length,r);return l.push(b),{tensor:h,...b}});l.sort((h,w)=>h.begin-w.begin||h.end-w.end);let p=0;for(let{begin:h,end:w}of l)h!==p&&r(`its tensors overlap or leave a gap at byte ${Math.min(h,p)}; the file is damaged`),p=w;p!==c.length&&r(`its tensors fill ${p} bytes, but ${c.length} follow the header; the file is damaged`),ms(t,o,n,r);for(let{tensor:h,dtype:w,shape:b,begin:v,end:y}of d){let S=c.slice(v,y).buffer,x=w==="F32"?new Float32Array(S):oe(new Uint16Array(S));u.set(h,{dtype:w,shape:b,data:x})}let{[Le]:m,...f}=n;return{tensors:u,metadata:f}}function ps(t,e){let r;try{if(t[0]!==123)throw new SyntaxError;r=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(t))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return mt(r)?r:e("its header is no JSON object; the file is damaged")}function fs(t,e,r,a){let o=u=>a(`tensor ${xe(t)} has ${u}; the file is damaged`);if(!mt(e))return o("no description");let{dtype:s,shape:n,data_offsets:i}=e;if(s!=="F32"&&s!=="F16")return a(`tensor ${xe(t)} is of type ${xe(String(s))}; only F32 and F16 can be read`);if(!Array.isArray(n)||!n.every(ua))return o("no valid shape");if(!Array.isArray(i)||i.length!==2||!i.every(ua))return o("no valid offsets");let[c,l]=i;return l<c?o(`offsets ${c} to ${l}`):l>r?a(`tensor ${xe(t)} ends at byte ${l} of the data, but the file holds ${r}; it is truncated or damaged`):l-c!==z(n)*ca[s]?o(`${l-c} bytes, but shape ${U(n)} of ${s} takes ${z(n)*ca[s]}`):{dtype:s,shape:n,begin:c,end:l}}function ms(t,e,r,a){if(!Object.hasOwn(r,Le))return;let o=hs(t,e);if(o!==void 0){let s=new TextEncoder().encode(la),n=t.subarray(o+s.length),i=We(n,We(s,We(t.subarray(0,o))));if(gs(i)===r[Le])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function hs(t,e){let r=new TextEncoder().encode(`"${Le}":"`),a=8+e-r.length-la.length;for(let o=8;o<=a;o++)if(r.every((s,n)=>t[o+n]===s))return o+r.length}function xe(t){return JSON.stringify(t.length>80?`${t.slice(0,77)}...`:t).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var gs=t=>t.toString(16).padStart(8,"0"),ua=t=>Number.isSafeInteger(t)&&t>=0,mt=t=>typeof t=="object"&&t!==null&&!Array.isArray(t);var pa="clairnet-1",ws="pt",vs=["name","recipe","loss","data","created","version","license","note"],bs=["seed","steps"];function ht(t,e="the given bytes"){return ys(da(t,e),e)}function ys(t,e){let r=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:o}=t;if(a.format!==pa||a.topology===void 0){let i=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`,c=a.format===ws?"; if it is one in PyTorch's layout, 'clairnet models import' turns it back":"";throw new j(`${r}: its metadata has ${i}, where Clairnet's models have "${pa}"${c}`)}let s=_s(a.topology,r),n=new Map;for(let{name:i,shape:c}of ae(s).parameters){let l=o.get(i);if(!l)throw new j(`${r}: tensor "${i}" (${U(c)}) is missing`);if(U(l.shape)!==U(c))throw new j(`${r}: tensor "${i}" has shape ${U(l.shape)}, but its topology wants ${U(c)}`);xs(l.data,`${r}: tensor "${i}"`),n.set(i,l.data)}for(let i of o.keys())if(!n.has(i)&&!i.includes("/"))throw new j(`${r}: tensor ${JSON.stringify(i)} is not part of its topology`);return{topology:s,parameters:n,info:Ts(a,r)}}function xs(t,e){let r=t.findIndex(a=>!Number.isFinite(a));if(r>=0)throw new j(`${e} holds ${t[r]} at ${r}: the training diverged or the file is damaged`)}function _s(t,e){try{let{channels:r,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:c,residual:l,corrects:u="all",filled:d=!1,residualBlocks:p,unshuffle:m=1,scale:f}=JSON.parse(t);for(let[h,w]of Object.entries({widths:a,encoderBlocks:o,decoderBlocks:s}))if(!Array.isArray(w))throw new RangeError(`${h} is no list`);if(typeof r!="number")throw new RangeError("channels is no number");for(let[h,w]of Object.entries({residual:l,filled:d,residualBlocks:p}))if(typeof w!="boolean")throw new RangeError(`${h} is neither true nor false`);for(let[h,w]of Object.entries({activation:n,down:i,up:c,corrects:u}))if(typeof w!="string")throw new RangeError(`${h} is no word`);return Br({channels:r,widths:a,encoderBlocks:o,decoderBlocks:s,activation:n,down:i,up:c,residual:l,corrects:u,filled:d,residualBlocks:p,unshuffle:m,scale:f??1})}catch(r){let a=r instanceof RangeError?r.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new j(`${e}: the topology in its metadata is damaged (${a})`,{cause:r})}}function ks(t){return Number.isSafeInteger(t)&&t>=0}function Ts(t,e){let r={};for(let a of vs)r[a]=t[a]??"";for(let a of bs){let o=Number(t[a]??0);if(!ks(o))throw new j(`${e}: ${a} in its metadata is no whole number`);r[a]=o}try{let a=Object.entries(JSON.parse(t.metrics??"{}")).map(([o,s])=>[o,Number(s)]);r.metrics=Object.fromEntries(a)}catch(a){throw new j(`${e}: the metrics in its metadata are damaged`,{cause:a})}return r}async function fa({name:t,url:e,bytes:r}){if(r)return ht(r,t);let a=await fetch(e).catch(o=>{throw new j(`Cannot fetch the model ${t}: ${o.message}`,{cause:o})});if(!a.ok)throw new j(`Cannot fetch the model ${t}: the server answered ${a.status}`);return ht(new Uint8Array(await a.arrayBuffer()),t)}function ma(t,e,r){let a=new Uint8Array(e*r*3),o=new Uint8Array(e*r),s=!0,n=!0;for(let i=0,c=0,l=0;i<o.length;i++,c+=4,l+=3){let[u,d,p,m]=[t[c],t[c+1],t[c+2],t[c+3]];a[l]=u,a[l+1]=d,a[l+2]=p,o[i]=m,s&&=m===255,n&&=u===d&&d===p}return{width:e,height:r,rgb:a,grey:n,format:"canvas",...s?{}:{alpha:o}}}function ha(t,e,{x0:r,x1:a,y0:o,y1:s},n){let i=new Uint8ClampedArray(n.length);for(let c=o,l=0;c<s;c++)for(let u=r;u<a;u++,l+=4){let d=3*(c*e+u);i[l]=t[d],i[l+1]=t[d+1],i[l+2]=t[d+2],i[l+3]=n[l+3]}return i}function ga(){return self}function wa(t){return(t instanceof Error?t.message:String(t)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var $e=class extends Error{};function va(t){let e=ga(),r=new Map,a=new Map,o=Promise.resolve(),s=c=>{for(let[l,u]of a)c.some(d=>d.key===l)||(a.delete(l),u[Symbol.dispose]())},n=async c=>{s(c);for(let l of c)a.has(l.key)||a.set(l.key,await t(await fa(l)));return c.map(({key:l})=>a.get(l))},i=async(c,l)=>{let{id:u,width:d,height:p,rgba:m}=c;try{l.throwIfAborted();let f=await n(c.models),h=f.reduce((v,{topology:y})=>v*y.scale,1);e.postMessage({kind:"started",id:u,device:f[0].device,scale:h});let w=performance.now(),b;await ia(ma(m,d,p),f,{signal:l,onTile:(v,y)=>{let S=new Uint8ClampedArray(Ge(m,d,p,h,4,v));b={area:v,rgba:ha(y,d*h,v,S)},h!==1&&(b={...b,plain:S})},onProgress:(v,y)=>{let S=[b?.rgba.buffer,b?.plain?.buffer].filter(x=>x!==void 0);e.postMessage({kind:"tile",id:u,part:b,done:v,total:y},S)}}),e.postMessage({kind:"done",id:u,seconds:(performance.now()-w)/1e3})}catch(f){f instanceof $e?e.postMessage({kind:"cancelled",id:u}):(s([]),e.postMessage({kind:"failed",id:u,message:wa(f)}))}finally{r.delete(u)}};e.onmessage=({data:c})=>{if(c.kind==="cancel")r.get(c.id)?.abort(new $e);else{let l=new AbortController;r.set(c.id,l),o=o.then(()=>i(c,l.signal))}}}va(async({topology:t,parameters:e})=>{let r=await zr();return Ss(r,new je(r,t,e))});function Ss(t,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,concurrency:e.concurrency,run:(r,a,o)=>e.run(r,a,o),[Symbol.dispose](){e[Symbol.dispose](),t[Symbol.dispose]()}}}
